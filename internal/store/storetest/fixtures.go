package storetest

import (
	"fmt"
	"reflect"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bantin/internal/article"
)

// at is an hour of one day in Hanoi, with a fraction that no store keeps whole.
func at(hour int) time.Time {
	hanoi := time.FixedZone("+07", 7*60*60)
	return time.Date(2026, 11, 22, hour, 30, 15, 123_456_789, hanoi)
}

// kept is a time as a store returns it.
func kept(t time.Time) time.Time {
	return t.Truncate(time.Millisecond).UTC()
}

// item is a small article that was fetched at seven.
func item(source, guid string) article.Article {
	return article.Article{
		ID:          article.NewID(source, guid),
		SourceID:    source,
		GUID:        guid,
		URL:         "https://bao.example/" + guid + ".html",
		Title:       "Khánh thành cầu số " + guid,
		Text:        "Sáng nay, xã tổ chức lễ khánh thành cây cầu.",
		Published:   at(6),
		FirstSeen:   at(7),
		FetchedAt:   at(7),
		ContentHash: "hash of " + guid,
	}
}

// changed is the article as its source says it at a later hour.
func changed(a article.Article, hour int) article.Article {
	a.Text = fmt.Sprintf("%s Cập nhật lúc %d giờ.", a.Text, hour)
	a.ContentHash = fmt.Sprintf("%s at %d", a.ContentHash, hour)
	a.FirstSeen = at(hour)
	a.FetchedAt = at(hour)
	return a
}

// inChannels is the article as the channels with the keys took it.
func inChannels(a article.Article, keys ...string) article.Article {
	a.Channels = keys
	return a
}

// fullArticle has a value in every field but those of a tombstone and Unselected.
func fullArticle() article.Article {
	return article.Article{
		ID:       article.NewID("bao-lang", "tin-1"),
		SourceID: "bao-lang",
		GUID:     "tin-1",
		URL:      "https://bao.example/tin-1.html?id=7&utm_source=rss",
		Title:    "Chợ nổi “họp” lại sau 3 năm <tạm dừng> & sửa chữa",
		Lead:     "Từ 5 giờ sáng, ghe thuyền đã đậu kín một khúc sông.",
		HTML:     "<p>Từ 5 giờ sáng &amp; đến trưa,\n ghe \"chành\" đậu kín.</p>\r\n<p>Người mua\u2028đông. 🛶</p>",
		Text:     "Từ 5 giờ sáng & đến trưa, ghe \"chành\" đậu kín.\nNgười mua\u2028đông. 🛶\x00",
		Author:   "Lê Bình",
		Origin:   "TTXVN",

		Published: at(4),
		Precision: article.Minute,
		Updated:   at(5),
		FirstSeen: at(7),
		FetchedAt: at(8),

		Images: []article.Image{
			{URL: "https://bao.example/a.jpg", Caption: "Ghe chở dưa cập bến."},
			{URL: "https://bao.example/b.jpg", Caption: "Ảnh: Lê Bình"},
		},
		Categories: []string{"Kinh tế", "Đời sống"},
		Places: []article.PlaceRef{{
			Name:         "huyện Phong Điền",
			Kind:         "huyện",
			Code:         "926",
			From:         "2004-01-02",
			Until:        "2025-06-30",
			Province:     "can-tho",
			ProvinceThen: "hau-giang",
			Evidence:     "“huyện Phong Điền” trong câu đầu",
		}},
		Topics: []article.TopicRef{
			{ID: "thuong-mai", Primary: true, Evidence: "“chợ” trong nhan đề"},
			{ID: "du-lich", Primary: true, Evidence: "“chợ nổi”"},
		},
		Language: "vi",

		ContentHash: "5d41402abc4b2a76",
		Warnings:    []string{"ngày không có múi giờ"},
		Channels:    []string{"tat-ca@1", "kinh-te@2"},
	}
}

func fullState() article.SourceState {
	return article.SourceState{
		SourceID: "bao-lang",
		URL:      "https://bao.example/rss/home.rss",
		Validators: article.Validators{
			ETag:         `W/"mộc-1"`,
			LastModified: "2026-11-22 06:30:15",
		},
		BodyHash:     "9b74c9897bac770f",
		LastFetch:    at(6),
		LastGood:     at(5),
		NextFetchAt:  at(8),
		Failure:      "http_5xx",
		FailureText:  "máy chủ trả lời 503",
		FailingSince: at(4),
		Failures:     3,
		Warnings:     []string{"2 mục không có ngày"},
		Tried:        []string{"c4ca4238a0b92382", "c81e728d9d4c2f63"},
		Habits: article.Habits{
			Items:       []uint64{1, 1<<64 - 1},
			Gap:         40 * time.Minute,
			MinInterval: 2 * time.Hour,
			SkipHours:   []int{23, 1},
			SkipDays:    []time.Weekday{time.Saturday, time.Monday},
			LastNew:     at(3),
			LastWhole:   at(2),
			EmptySince:  at(4),
			Said:        []uint64{1<<63 + 2, 3},
			ReadAgain:   5,
			Intake:      article.Intake{Since: at(1), New: 990, Flooding: at(2), Repeats: []uint64{4, 1<<63 + 5}},
			Pages: article.PageHabits{
				Read:  41,
				Lines: []article.PageLine{{Hash: 1<<64 - 1, Articles: 40, Recent: 1<<16 - 1}, {Hash: 7, Articles: 1, Recent: 4}},
				Texts: []article.PageTexts{{Share: 0.625, Bytes: 4096}, {Share: 1, Bytes: 1}},
			},
		},
		Move:       article.Move{To: "https://moi.example/rss", Since: at(1), Answers: 7},
		FormerURLs: []string{"https://cu.example/rss"},
	}
}

func fullIssue() article.Issue {
	return article.Issue{
		DigestID: "sang",
		Date:     "2026-11-22",
		MadeAt:   at(6),
		Sections: []article.Section{
			{ChannelID: "cong-nghiep", Articles: []string{"b", "a"}},
			{ChannelID: "van-hoa", Articles: []string{"c"}},
		},
	}
}

func keptArticle(a article.Article) article.Article {
	a.Published = kept(a.Published)
	a.Updated = kept(a.Updated)
	a.FirstSeen = kept(a.FirstSeen)
	a.FetchedAt = kept(a.FetchedAt)
	a.TakenDown = kept(a.TakenDown)
	return a
}

func keptState(state article.SourceState) article.SourceState {
	state.LastFetch = kept(state.LastFetch)
	state.LastGood = kept(state.LastGood)
	state.NextFetchAt = kept(state.NextFetchAt)
	state.FailingSince = kept(state.FailingSince)
	state.Habits.LastNew = kept(state.Habits.LastNew)
	state.Habits.LastWhole = kept(state.Habits.LastWhole)
	state.Habits.EmptySince = kept(state.Habits.EmptySince)
	state.Habits.Intake.Since = kept(state.Habits.Intake.Since)
	state.Habits.Intake.Flooding = kept(state.Habits.Intake.Flooding)
	state.Move.Since = kept(state.Move.Since)
	return state
}

// diff compares what a store returned with what is wanted. A store may return nil
// for an empty list. Times must be equal in their location as well.
func diff(want, got any) string {
	sameTime := cmp.Comparer(func(a, b time.Time) bool {
		return a.Equal(b) && a.Location() == b.Location()
	})
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), sameTime)
}

// emptyFields names the fields of a value, and of what it holds, that have their
// zero value. It keeps a fixture complete when the vocabulary grows.
func emptyFields(value any) []string {
	return emptyWithin("", reflect.ValueOf(value))
}

func emptyWithin(path string, value reflect.Value) []string {
	if value.IsZero() {
		return []string{path}
	}
	var empty []string
	switch {
	case value.Type() == reflect.TypeFor[time.Time]():
	case value.Kind() == reflect.Struct:
		for field, inner := range value.Fields() {
			empty = append(empty, emptyWithin(path+"."+field.Name, inner)...)
		}
	case value.Kind() == reflect.Slice:
		for i := range value.Len() {
			empty = append(empty, emptyWithin(fmt.Sprintf("%s[%d]", path, i), value.Index(i))...)
		}
	}
	return empty
}
