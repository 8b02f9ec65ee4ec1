package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bantin/internal/store"
)

// A cutDocument says where a part of a month of a channel's archive ends.
type cutDocument struct {
	ID      string    `bson:"_id"` // see cutID
	Seen    time.Time `bson:"seen"`
	Article string    `bson:"article"`
}

// cutID keeps the parts of a month together and in their order: they are found by
// a range. 99,999 parts hold more articles than the country writes.
func cutID(key, month string, part int) string {
	return fmt.Sprintf("%s %s %05d", key, month, part)
}

func (d *cutDocument) arrival() store.Arrival {
	return store.Arrival{Seen: d.Seen.UTC(), ID: d.Article}
}

// Arrivals implements store.Store.
func (s *Store) Arrivals(ctx context.Context, query store.Query) ([]store.Arrival, error) {
	filter, page := selection(query)
	cursor, err := s.articles.Find(ctx, filter, page.
		SetSort(bson.D{{Key: "firstSeen", Value: 1}, {Key: "_id", Value: 1}}).
		SetProjection(bson.D{{Key: "firstSeen", Value: 1}}))
	documents, err := readAll[struct {
		ID   string    `bson:"_id"`
		Seen time.Time `bson:"firstSeen"`
	}](ctx, s, cursor, err)
	var arrivals []store.Arrival
	for _, document := range documents {
		arrivals = append(arrivals, store.Arrival{Seen: document.Seen.UTC(), ID: document.ID})
	}
	return arrivals, err
}

// Span implements store.Store.
func (s *Store) Span(ctx context.Context) (first, last time.Time, err error) {
	if first, err = s.seenAtEnd(ctx, 1); err == nil {
		last, err = s.seenAtEnd(ctx, -1)
	}
	return first, last, err
}

// seenAtEnd is when the first or, with the direction -1, the last article was
// first seen.
func (s *Store) seenAtEnd(ctx context.Context, direction int) (time.Time, error) {
	var document struct {
		Seen time.Time `bson:"firstSeen"`
	}
	err := s.articles.FindOne(ctx, bson.D{}, options.FindOne().
		SetSort(bson.D{{Key: "firstSeen", Value: direction}}).
		SetProjection(bson.D{{Key: "firstSeen", Value: 1}}).
		SetHint(indexSeen)).Decode(&document)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return time.Time{}, nil
	}
	return document.Seen.UTC(), s.failed(ctx, err)
}

// Cuts implements store.Store.
func (s *Store) Cuts(ctx context.Context, key, month string) ([]store.Arrival, error) {
	cursor, err := s.cuts.Find(ctx,
		bson.D{{Key: "_id", Value: bson.D{
			{Key: "$gte", Value: cutID(key, month, 0)},
			{Key: "$lt", Value: key + " " + month + "!"}, // the character after the space
		}}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	documents, err := readAll[cutDocument](ctx, s, cursor, err)
	var cuts []store.Arrival
	for i := range documents {
		cuts = append(cuts, documents[i].arrival())
	}
	return cuts, err
}

// Cut implements store.Store. A cut that is there already is a duplicate.
func (s *Store) Cut(ctx context.Context, key, month string, part int, end store.Arrival) (store.Arrival, error) {
	document := cutDocument{ID: cutID(key, month, part), Seen: end.Seen, Article: end.ID}
	_, err := s.cuts.InsertOne(ctx, document)
	if err == nil || mongo.IsDuplicateKeyError(err) {
		err = s.cuts.FindOne(ctx, bson.D{{Key: "_id", Value: document.ID}}).Decode(&document)
	}
	return document.arrival(), s.failed(ctx, err)
}
