package normalizer

// A family is a kind of portal: the marks by which its article pages are known,
// and where the parts of an article stand in them. What a family does not name
// is looked for in the general places.
type family struct {
	mark                              selector // any element that it selects
	title, lead, date, author, source selector
	picture                           selector // of the article, above the body
	body                              selector
	remove                            selector // inside the body
}

// layout is a family as it is written in the table.
type layout struct {
	mark, title, lead, date, author, source, picture, body, remove string
}

func (l layout) family() family {
	return family{
		mark:  tableSelector(l.mark),
		title: tableSelector(l.title), lead: tableSelector(l.lead), date: tableSelector(l.date),
		author: tableSelector(l.author), source: tableSelector(l.source),
		picture: tableSelector(l.picture), body: tableSelector(l.body), remove: tableSelector(l.remove),
	}
}

func families() []family {
	table := layouts()
	all := make([]family, 0, len(table))
	for _, one := range table {
		all = append(all, one.family())
	}
	return all
}

// layouts are the portals that we know. An entry names the kind, sites where its
// marks were seen, and when. The more particular marks stand first.
func layouts() []layout {
	return []layout{
		{ // SharePoint, PublishingPortal: backan.gov.vn, 2022-02
			mark:  "#HtmlContent, .ms-webpart-zone .news-intro",
			title: ".news-title", lead: ".news-intro", date: ".article-time",
			author: ".news-author", source: ".news-source",
			body: "#HtmlContent", remove: ".ms-webpart-titleText, .news-relate, .news-other",
		},
		{ // SharePoint, Tân Dân: thieuhoa.thanhhoa.gov.vn, 2024
			mark:  ".tandan-p-article-news-title, .tandan-span-date-publish",
			title: ".tandan-p-article-news-title", lead: ".tandan-p-article-news-summary",
			date: ".tandan-span-date-publish", author: ".tandan-p-article-news-author",
			body: ".tandan-div-article-news-content, .ms-rtestate-field",
		},
		{ // UIArticleInMenu: laocai.gov.vn, nghean.gov.vn, ninhbinh.gov.vn, 2024
			mark:  ".ArticleDetailControl, .ArticleHeader",
			title: ".ArticleHeader", lead: ".ArticleSummary", date: ".PostDate",
			author: ".ArticleAuthor", source: ".ArticleSource",
			body: ".ArticleContent", remove: ".tool, .OtherArticle",
		},
		{ // NukeViet: conganquangninh.gov.vn, vqh.hanoi.gov.vn, 2024
			mark:  "#news-bodyhtml",
			title: ".news_column h1, h1.title", lead: ".hometext", date: ".news_column .h5, .news_column time",
			picture: "figure.article, .imghome",
			body:    "#news-bodyhtml", remove: "#social_tool, .panel-body, .news_column .alert",
		},
		{ // VCCorp: baochinhphu.vn, thanhnien.vn, tuoitre.vn, 2024 to 2026
			mark:  ".detail-sapo, .detail-cmain",
			title: ".detail-title, .article-title", lead: ".detail-sapo", date: "[data-role=publishdate], .detail-time",
			author: ".detail-author, .author-info .name", source: ".detail-source",
			body: "[data-role=content], .detail-content, .detail-cmain", remove: ".VCSortableInPreviewMode[type=RelatedOneNews], .VCSortableInPreviewMode[type=RelatedNewsBox], .box-stream-link-title",
		},
		{ // ePi CMS: baolaocai.vn, baogialai.com.vn, baohatinh.vn, nhandan.vn, 2024
			mark:  ".article__body, .cms-body",
			title: ".article__title", lead: ".article__sapo", date: ".article__meta time, .article__meta .time",
			author: ".article__author, .article__meta .author", source: ".article__source",
			body: ".article__body, .cms-body", remove: ".article__related, .cms-relate",
		},
		{ // Liferay: hochiminhcity.gov.vn, moh.gov.vn, thanhtra.gov.vn, 2024
			mark:  ".journal-content-article, .asset-full-content-title",
			title: ".asset-full-content-title, .header-title", lead: ".asset-summary",
			date: ".asset-publish-date, .metadata-publish-date", author: ".metadata-author",
			body: ".journal-content-article", remove: ".asset-related-assets, .lfr-meta-actions",
		},
		{ // b-grid: baonghean.vn, baohaiphong.vn, hanoimoi.vn, 2024
			mark:  ".sc-longform-header-sapo, .sc-longform-header-title",
			title: ".sc-longform-header-title", lead: ".sc-longform-header-sapo",
			date: ".sc-longform-header-date", author: ".sc-longform-header-author",
			body: ".b-maincontent, .entry", remove: ".b-grid",
		},
		{ // Joomla: dbndhanoi.gov.vn, dbndthanhhoa.gov.vn, kimson.ninhbinh.gov.vn, 2024
			mark:  ".com-content-article, .item-page, .itemFullText",
			title: ".page-header h1, .page-header h2, .itemTitle", lead: ".itemIntroText",
			date: ".published time, .published, .page-header small, .itemDateCreated", author: ".createdby, .itemAuthor",
			body: ".itemFullText, [itemprop=articleBody], .article-content", remove: ".icons, .pager, .article-info, .itemToolbar",
		},
	}
}

func anywhere() family { return anyLayout().family() }

// anyLayout is the places where pages of no family keep the parts of an article.
func anyLayout() layout {
	return layout{
		title:  "[itemprop=headline], .news-title, .article-title, .entry-title, .post-title, .title-detail, .detail-title, h1",
		lead:   "[itemprop=description], .sapo, .news-intro, .lead, .hometext, .article-summary, .news-summary, .detail-summary, .summary, .chapeau",
		date:   "[itemprop=datePublished], .article-time, .publish-date, .post-date, .article-date, .news-date, .date-publish, .entry-date, time, .date",
		author: "[itemprop=author], .article-author, .news-author, .tac-gia, .byline, .author",
		source: ".article-source, .news-source, .nguon",
		body:   "[itemprop=articleBody], .article-body, .entry-content, .post-content, .news-content, .detail-content, .content-detail, .article-content",
	}
}
