package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bantin/internal/article"
)

// PutIssue implements store.Store.
func (s *Store) PutIssue(ctx context.Context, issue article.Issue) error {
	document := issueToDocument(&issue)
	err := s.retryDuplicate(ctx, func() error {
		_, err := s.issues.ReplaceOne(ctx,
			bson.D{{Key: "_id", Value: document.ID}}, document, options.Replace().SetUpsert(true))
		return err
	})
	if err != nil {
		return err
	}
	return s.nextRevision(ctx)
}

// Issue implements store.Store.
func (s *Store) Issue(ctx context.Context, digestID, date string) (article.Issue, bool, error) {
	var document issueDocument
	err := s.issues.FindOne(ctx, bson.D{{Key: "_id", Value: issueID(digestID, date)}}).Decode(&document)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return article.Issue{}, false, nil
	}
	if err != nil {
		return article.Issue{}, false, s.failed(ctx, err)
	}
	return document.issue(), true, nil
}

// Issues implements store.Store.
func (s *Store) Issues(ctx context.Context, digestID string, limit int) ([]article.Issue, error) {
	cursor, err := s.issues.Find(ctx, bson.D{{Key: "digest", Value: digestID}},
		options.Find().
			SetSort(bson.D{{Key: "date", Value: -1}}).
			SetLimit(int64(limit)).
			SetHint(indexIssue))
	documents, err := readAll[issueDocument](ctx, s, cursor, err)
	var issues []article.Issue
	for i := range documents {
		issues = append(issues, documents[i].issue())
	}
	return issues, err
}
