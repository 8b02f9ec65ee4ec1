package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bantin/internal/article"
	"bantin/internal/store"
)

// turnAttempts bounds the look-ups of one turn. Each attempt that fails gave the
// turn to somebody else, so a crowd that is served needs few.
const turnAttempts = 20

type hostDocument struct {
	Host   string    `bson:"_id"`
	Free   time.Time `bson:"free"`             // when the next turn may be given
	Leases bson.D    `bson:"leases,omitempty"` // when each ends, by token
}

// Turn implements store.Store. A turn is taken by changing the document as it was
// read: of several that read the same one wins and the others read again.
func (s *Store) Turn(ctx context.Context, claim store.Claim) (store.Turn, error) {
	for range turnAttempts {
		var known hostDocument
		err := s.hosts.FindOne(ctx, bson.D{{Key: "_id", Value: claim.Host}}).Decode(&known)
		if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
			return store.Turn{}, s.failed(ctx, err)
		}
		others, until := known.others(&claim)
		turn := store.NextTurn(claim, known.Free.UTC(), len(others), until)
		if !turn.Taken || claim.Gap == 0 && claim.Places == 0 {
			return turn, nil // there is nothing to write
		}
		next := hostDocument{Host: claim.Host, Free: known.Free, Leases: others}
		if claim.Gap > 0 {
			next.Free = turn.At.Add(claim.Gap)
		}
		if claim.Places > 0 {
			next.Leases = append(next.Leases, bson.E{Key: claim.Token, Value: turn.At.Add(claim.For)})
		}
		if taken, err := s.takeTurn(ctx, &known, &next); taken || err != nil {
			return turn, err
		}
	}
	return store.Turn{At: claim.Latest.Add(max(claim.Gap, time.Millisecond))}, nil // too many want the host: ask again
}

// others are the leases of others that have not ended, and when the first of them does.
func (d *hostDocument) others(claim *store.Claim) (leases bson.D, until time.Time) {
	for _, one := range d.Leases {
		ends, ok := one.Value.(bson.DateTime)
		end := ends.Time().UTC()
		if !ok || one.Key == claim.Token || !end.After(claim.Now) {
			continue
		}
		leases = append(leases, one)
		if until.IsZero() || end.Before(until) {
			until = end
		}
	}
	return leases, until
}

func (s *Store) takeTurn(ctx context.Context, known, next *hostDocument) (bool, error) {
	if known.Host == "" {
		_, err := s.hosts.InsertOne(ctx, next)
		if mongo.IsDuplicateKeyError(err) {
			return false, nil
		}
		return err == nil, s.failed(ctx, err)
	}
	result, err := s.hosts.ReplaceOne(ctx, known.asRead(), next)
	if err != nil {
		return false, s.failed(ctx, err)
	}
	return result.MatchedCount == 1, nil
}

// asRead finds the document only if nobody has changed it since it was read.
func (d *hostDocument) asRead() bson.D {
	filter := bson.D{{Key: "_id", Value: d.Host}, {Key: "free", Value: d.Free}}
	if d.Leases == nil {
		return append(filter, bson.E{Key: "leases", Value: bson.D{{Key: "$exists", Value: false}}})
	}
	return append(filter, bson.E{Key: "leases", Value: d.Leases})
}

// Release implements store.Store.
func (s *Store) Release(ctx context.Context, lease article.Lease) error {
	_, err := s.hosts.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: lease.Host}},
		bson.D{{Key: "$unset", Value: bson.D{{Key: "leases." + lease.Token, Value: ""}}}})
	return s.failed(ctx, err)
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
