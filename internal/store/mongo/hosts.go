package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// turnAttempts bounds the look-ups of one turn. Each attempt that fails gave the
// turn to somebody else, so a crowd that is served needs few.
const turnAttempts = 20

type hostDocument struct {
	Host string    `bson:"_id"`
	Free time.Time `bson:"free"` // when the next turn may be given
}

// Turn implements store.Store. A turn is taken by changing the document as it was
// read: of several that read the same one wins and the others read again.
func (s *Store) Turn(ctx context.Context, host string, now, latest time.Time, gap time.Duration) (time.Time, error) {
	turn := now
	for range turnAttempts {
		var known hostDocument
		err := s.hosts.FindOne(ctx, bson.D{{Key: "_id", Value: host}}).Decode(&known)
		if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
			return turn, s.failed(ctx, err)
		}
		turn = now
		if known.Free.After(turn) {
			turn = known.Free.UTC()
		}
		if gap == 0 || turn.After(latest) {
			return turn, nil
		}
		if taken, err := s.takeTurn(ctx, host, known, turn.Add(gap)); taken || err != nil {
			return turn, err
		}
	}
	return latest.Add(gap), nil // too many want the host: ask again
}

func (s *Store) takeTurn(ctx context.Context, host string, known hostDocument, free time.Time) (bool, error) {
	if known.Host == "" {
		_, err := s.hosts.InsertOne(ctx, hostDocument{Host: host, Free: free})
		if mongo.IsDuplicateKeyError(err) {
			return false, nil
		}
		return err == nil, s.failed(ctx, err)
	}
	result, err := s.hosts.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: host}, {Key: "free", Value: known.Free}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "free", Value: free}}}})
	if err != nil {
		return false, s.failed(ctx, err)
	}
	return result.ModifiedCount == 1, nil
}

// Hold implements store.Store.
func (s *Store) Hold(ctx context.Context, host string, until time.Time) error {
	return s.retryDuplicate(ctx, func() error {
		_, err := s.hosts.UpdateOne(ctx,
			bson.D{{Key: "_id", Value: host}},
			bson.D{{Key: "$max", Value: bson.D{{Key: "free", Value: until}}}},
			options.UpdateOne().SetUpsert(true))
		return err
	})
}
