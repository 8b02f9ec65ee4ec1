package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The names of the indexes. A query whose plan matters names its index, so that
// the server cannot choose one that reads the archive.
const (
	indexTwin         = "source_twin"
	indexLikeness     = "source_likeness"
	indexURL          = "canonical_url"
	indexChannelPage  = "channel_page"
	indexChannelSeen  = "channel_seen"
	indexSeen         = "first_seen"
	indexArticleCount = "source_buried"
	indexDue          = "source_due"
	indexIssue        = "digest_date"
	indexRaw          = "source_fetched"
	indexRawAge       = "fetched"
)

// makeIndexes makes those that are missing. It does nothing where all are there.
func (s *Store) makeIndexes(ctx context.Context) error {
	for _, one := range []struct {
		collection *mongo.Collection
		index      mongo.IndexModel
	}{
		// Begins with the source, so that it stays possible when the collection is
		// sharded by source: a unique index must begin with the shard key.
		{s.articles, unique(indexTwin, bson.D{{Key: "source", Value: 1}, {Key: "twin", Value: 1}})},
		// Not unique: two articles may grow alike, and many have no likeness.
		{s.articles, index(indexLikeness, bson.D{{Key: "source", Value: 1}, {Key: "likeness", Value: 1}})},
		// Whether an article is a tombstone is asked of every new link.
		{s.articles, index(indexURL, bson.D{{Key: "canonicalURL", Value: 1}, {Key: "_id", Value: 1}, {Key: "buried", Value: 1}})},
		{s.articles, index(indexChannelPage, bson.D{{Key: "channels", Value: 1}, {Key: "sort", Value: -1}, {Key: "_id", Value: 1}})},
		{s.articles, index(indexChannelSeen, bson.D{{Key: "channels", Value: 1}, {Key: "firstSeen", Value: 1}})},
		{s.articles, index(indexSeen, bson.D{{Key: "firstSeen", Value: 1}})},
		{s.articles, index(indexArticleCount, bson.D{{Key: "source", Value: 1}, {Key: "buried", Value: 1}})},
		{s.sources, index(indexDue, bson.D{{Key: "scheduled", Value: 1}, {Key: "nextFetchAt", Value: 1}, {Key: "_id", Value: 1}})},
		{s.raws, index(indexRaw, bson.D{{Key: "source", Value: 1}, {Key: "fetchedAt", Value: 1}, {Key: "_id", Value: 1}})},
		{s.raws, index(indexRawAge, bson.D{{Key: "fetchedAt", Value: 1}})},
		{s.issues, unique(indexIssue, bson.D{{Key: "digest", Value: 1}, {Key: "date", Value: -1}})},
	} {
		// One by one: FerretDB 1.24 breaks off when several of one command exist.
		if _, err := one.collection.Indexes().CreateOne(ctx, one.index); err != nil {
			return fmt.Errorf("make an index of %s: %w", one.collection.Name(), err)
		}
	}
	return nil
}

func index(name string, keys bson.D) mongo.IndexModel {
	return mongo.IndexModel{Keys: keys, Options: options.Index().SetName(name)}
}

func unique(name string, keys bson.D) mongo.IndexModel {
	return mongo.IndexModel{Keys: keys, Options: options.Index().SetName(name).SetUnique(true)}
}
