package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bantin/internal/store"
)

// A pingDocument is a store.Ping.
type pingDocument struct {
	ID       string    `bson:"_id"` // see pingID
	Hub      string    `bson:"hub"`
	Topic    string    `bson:"topic"`
	Hash     string    `bson:"hash"`
	Due      time.Time `bson:"due"`
	Attempts int       `bson:"attempts"`
}

// pingID: no URL holds a space.
func pingID(hub, topic string) string { return hub + " " + topic }

func pingToDocument(p store.Ping) pingDocument {
	return pingDocument{ID: pingID(p.Hub, p.Topic), Hub: p.Hub, Topic: p.Topic, Hash: p.Hash, Due: p.Due, Attempts: p.Attempts}
}

func (d *pingDocument) ping() store.Ping {
	return store.Ping{Hub: d.Hub, Topic: d.Topic, Hash: d.Hash, Due: d.Due.UTC(), Attempts: d.Attempts}
}

// Pings implements store.Store.
func (s *Store) Pings(ctx context.Context) ([]store.Ping, error) {
	cursor, err := s.pings.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	documents, err := readAll[pingDocument](ctx, s, cursor, err)
	var pings []store.Ping
	for i := range documents {
		pings = append(pings, documents[i].ping())
	}
	return pings, err
}

// SwapPing implements store.Store. The document is changed as it was read: of
// several that read the same one wins.
func (s *Store) SwapPing(ctx context.Context, known, next store.Ping) (bool, error) {
	document := pingToDocument(next)
	if known.Hash == "" {
		_, err := s.pings.InsertOne(ctx, document)
		if mongo.IsDuplicateKeyError(err) {
			return false, nil
		}
		return err == nil, s.failed(ctx, err)
	}
	result, err := s.pings.UpdateOne(ctx,
		bson.D{
			{Key: "_id", Value: document.ID},
			{Key: "hash", Value: known.Hash},
			{Key: "due", Value: known.Due},
			{Key: "attempts", Value: known.Attempts},
		},
		bson.D{{Key: "$set", Value: bson.D{
			{Key: "hash", Value: next.Hash},
			{Key: "due", Value: next.Due},
			{Key: "attempts", Value: next.Attempts},
		}}})
	if err != nil {
		return false, s.failed(ctx, err)
	}
	return result.MatchedCount == 1, nil
}
