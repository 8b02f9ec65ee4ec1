package normalizer_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/internal/gazetteer"
	"bantin/normalizer"
)

func newGazetteer(tb testing.TB) *gazetteer.Gazetteer {
	tb.Helper()
	g, err := gazetteer.New()
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func newTagger(tb testing.TB) *normalizer.Normalizer {
	tb.Helper()
	n, err := normalizer.New(normalizer.Options{Gazetteer: newGazetteer(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func TestReferenceArticle(t *testing.T) {
	t.Parallel()
	a := reference()
	normalizer.Tag(newTagger(t), &a, article.Source{ID: "cong-bac-kan", Province: "bac-kan"})
	checkReferenceTags(t, a)
}

// checkReferenceTags asserts the places and topics of the reference article.
func checkReferenceTags(t *testing.T, a article.Article) {
	t.Helper()
	a.Places = slices.Clone(a.Places)
	for i := range a.Places {
		a.Places[i].Evidence = ""
	}
	place := func(name, kind, code string) article.PlaceRef {
		return article.PlaceRef{
			Name: name, Kind: kind, Code: code, Until: "2025-06-30", Province: "thai-nguyen", ProvinceThen: "bac-kan",
		}
	}
	wantPlaces := []article.PlaceRef{
		place("Bắc Kạn", "tỉnh", "06"),
		place("Bắc Kạn", "thành phố", "058"),
		place("Na Rì", "huyện", "066"),
		place("Chợ Đồn", "huyện", "064"),
		place("Ba Bể", "huyện", "061"),
		place("Bạch Thông", "huyện", "063"),
		place("Chợ Mới", "huyện", "065"),
	}
	if diff := cmp.Diff(wantPlaces, a.Places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	var topics []string
	for _, topic := range a.Topics {
		topics = append(topics, fmt.Sprintf("%s %t", topic.ID, topic.Primary))
	}
	wantTopics := []string{"cong-nghiep true", "dau-tu-doanh-nghiep false", "giao-thong-xay-dung false"}
	if diff := cmp.Diff(wantTopics, topics); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
}

// The tagger takes any text, and says nothing that the article does not.
func FuzzTag(f *testing.F) {
	a := reference()
	f.Add(a.Title, a.Text, "bac-kan")
	f.Add("TP.", "Quận 1, TP.HCM; các huyện Na Rì, Chợ Đồn", "")
	f.Add("tỉnh", "P. 1 Q.2 H. Na Rì (Bắc Kạn", "thai-nguyen")
	f.Add("HUYỆN NA RÌ (BẮC KẠN): ǅ ﬁ ß İ TP.HCM", "Ðồng Nai, Ð\xc3, huyện Tân Uyên, tỉnh Sông Bé", "")
	f.Add("CAO TỐC", "cao tốc TP. Hồ Chí Minh - Long Thành - Dầu Giây; Trường Đại học Sư phạm Hà Nội", "ha-noi")
	f.Add("Các xã", "Các xã Cẩm Giàng, Nguyên Phúc (cũ); phường 1, 2 và 4 quận 5; phường 1 Bảo Lộc", "lam-dong")
	f.Add("V-League", "Chị Trần Thị Hà Giang, HLV Lê Long An. Hà Giang thắng tại Hà Nội FC", "")
	f.Add("\xff", "Hợp tác xã\u0301 Thanh Bình\x00, Trung Quốc", "?")
	n := newTagger(f)
	ids := normalizer.TopicIDs()
	f.Fuzz(func(t *testing.T, title, text, source string) {
		a := article.Article{Title: title, Text: text, Categories: []string{title}, URL: text}
		normalizer.Tag(n, &a, article.Source{Province: source})
		for _, p := range a.Places {
			if !strings.Contains(title, p.Name) && !strings.Contains(text, p.Name) || p.Province == "" || p.Code == "" || p.Kind == "" {
				t.Errorf("place %+v of %q, %q", p, title, text)
			}
			if !utf8.ValidString(p.Name + p.Evidence) {
				t.Errorf("place %+v of %q, %q is not UTF-8", p, title, text)
			}
		}
		for i, topic := range a.Topics {
			if !slices.Contains(ids, topic.ID) || topic.Primary != (i == 0) || topic.Evidence == "" {
				t.Errorf("topic %+v of %q, %q", topic, title, text)
			}
		}
	})
}

// Tagging the same article twice, or from many goroutines, gives the same.
func TestTagRepeats(t *testing.T) {
	t.Parallel()
	n := newTagger(t)
	want := reference()
	normalizer.Tag(n, &want, article.Source{})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			got := reference()
			for range 2 {
				normalizer.Tag(n, &got, article.Source{})
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("tagged again (-want +got):\n%s", diff)
			}
		})
	}
	group.Wait()
}

// What is not read: categories, author and the body's markup name no places.
func TestPlacesAreReadFromTextOnly(t *testing.T) {
	t.Parallel()
	a := article.Article{
		Title: "Nắng", HTML: "<p>Bắc Kạn</p>", Author: "Bắc Kạn", Origin: "Báo Bắc Kạn", Categories: []string{"Bắc Kạn"},
		URL: "https://bao.example/bac-kan/1", Images: []article.Image{{URL: "https://bao.example/bac-kan.jpg"}},
	}
	normalizer.Tag(newTagger(t), &a, article.Source{Province: "bac-kan"})
	if len(a.Places) > 0 {
		t.Errorf("places %+v, want none", a.Places)
	}
	a.Images[0].Caption = "Chợ phiên ở Bắc Kạn"
	normalizer.Tag(newTagger(t), &a, article.Source{})
	if len(a.Places) != 1 || a.Places[0].Code != "06" {
		t.Errorf("places %+v, want the caption's Bắc Kạn", a.Places)
	}
}

// An article's day is Vietnam's, where it is 1 July 2025 from 17:00 UTC of the
// day before. Then Lào Cai took the code that Yên Bái had.
func TestDayIsVietnams(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ minute, want int }{{59, 10}, {61, 15}} {
		a := article.Article{
			Text:      "Lào Cai có mưa.",
			Published: time.Date(2025, time.June, 30, 16, test.minute, 0, 0, time.UTC),
		}
		normalizer.Tag(newTagger(t), &a, article.Source{})
		if len(a.Places) != 1 || a.Places[0].Code != strconv.Itoa(test.want) {
			t.Errorf("%s: %+v, want the code %d", a.Published, a.Places, test.want)
		}
	}
}

func BenchmarkNewTagger(b *testing.B) {
	g, err := gazetteer.New()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := normalizer.New(normalizer.Options{Gazetteer: g}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTag(b *testing.B) {
	n := newTagger(b)
	a := reference()
	b.SetBytes(int64(len(a.Title) + len(a.Lead) + len(a.Text)))
	b.ReportAllocs()
	for b.Loop() {
		normalizer.Tag(n, &a, article.Source{})
	}
}
