package main

import (
	"time"

	"pagesbot/pagesapi/pagesfake"
)

// addProjects fills the account: three projects with a past that is worth
// looking at, and small ones that a menu can complete.
func (s *sandbox) addProjects() {
	for _, p := range projects() {
		p.EnvVars = map[string]string{"API_KEY": envSecret}
		s.pages.AddProject(p)
	}
	for project, list := range history() {
		for _, d := range list {
			// The project is there and the outcomes are known: this cannot fail.
			_, _ = s.pages.Seed(project, d)
		}
	}
}

func projects() []pagesfake.ProjectSpec {
	return []pagesfake.ProjectSpec{
		{Name: "docs", Subdomain: "docs-4xy.pages.dev", Domains: []string{"docs.northwind.example"}},
		{Name: "shop", Subdomain: "shop-b7k.pages.dev"},
		{Name: "landing", Subdomain: "landing-9qd.pages.dev", DirectUpload: true},
		{Name: "blog", Subdomain: "blog-2fm.pages.dev"},
		{Name: "careers", Subdomain: "careers-7tw.pages.dev"},
		{Name: "design-system", Subdomain: "design-system-k3p.pages.dev"},
		{Name: "developer-portal", Subdomain: "developer-portal-5hn.pages.dev"},
		{Name: "press-kit", Subdomain: "press-kit-8vc.pages.dev", DirectUpload: true},
		{Name: "status", Subdomain: "status-1zr.pages.dev"},
	}
}

// past is how a deployment of long ago is written down.
type past = pagesfake.DeploymentSpec

// ago is a deployment to production some days and hours ago.
func ago(days, hours int, message string) past {
	return past{Age: time.Duration(24*days+hours) * time.Hour, Message: message}
}

func on(branch string, d past) past {
	d.Branch = branch
	return d
}

func broken(d past) past {
	d.Outcome = "failure"
	return d
}

func skipped(d past) past {
	d.Outcome = "skipped"
	return d
}

// history is what the account went through in the month before the sandbox was
// opened. What broke was mended some hours later.
func history() map[string][]past {
	return map[string][]past{
		"docs": docsHistory(), "shop": shopHistory(),
		"landing": {ago(27, 3, ""), ago(16, 20, ""), ago(9, 0, ""), ago(0, 6, "")},
		"blog": {
			ago(24, 5, "Announce the spring release"), ago(12, 2, "Tell how we cut build times by half"),
			on("draft/year-in-review", ago(1, 7, "Begin the year in review")),
		},
		"careers":          {ago(19, 4, "Look for a second designer"), ago(6, 1, "Take down the designer's post")},
		"design-system":    {ago(21, 2, "Release buttons 2.0"), broken(ago(10, 8, "Draw the icons anew")), ago(10, 3, "Keep the old icon names")},
		"developer-portal": {ago(17, 6, "Explain how webhooks are signed"), on("openapi-3", ago(4, 9, "Generate the reference from OpenAPI"))},
		"press-kit":        {ago(22, 0, "")},
		"status":           {ago(14, 11, "Show the last 90 days")},
	}
}

func docsHistory() []past {
	return []past{
		ago(29, 6, "Start from the documentation template"),
		ago(28, 22, "Write what the product is for"),
		on("feature/sidebar", ago(28, 3, "Group the sidebar by task")),
		ago(27, 5, "Group the sidebar by task"),
		broken(ago(26, 9, "Move to Node 22")),
		ago(26, 4, "Wait with Node 22 until the theme is ready"),
		ago(25, 2, "Explain how to install it"),
		on("feature/dark-mode", ago(24, 7, "Follow the system's dark mode")),
		broken(on("feature/dark-mode", ago(24, 5, "Colour code blocks in the dark"))),
		on("feature/dark-mode", ago(24, 1, "Import the dark code theme")),
		ago(23, 8, "Follow the system's dark mode"),
		ago(21, 6, "Answer what people asked in May"),
		ago(20, 4, "Fix the links to the API reference"),
		on("feature/versions", ago(19, 9, "Keep the pages of version 1")),
		broken(ago(18, 11, "Check every link while building")),
		ago(18, 5, "Check links inside the site only"),
		ago(17, 7, "Describe the limits of the free plan"),
		on("feature/versions", ago(16, 6, "Choose the version in the header")),
		ago(15, 3, "Choose the version in the header"),
		skipped(ago(14, 8, "Correct a comment [skip ci]")),
		ago(14, 2, "Add a page about single sign-on"),
		ago(13, 5, "Shorten the getting-started guide"),
		on("translate/de", ago(12, 10, "Begin the German translation")),
		on("translate/de", ago(11, 4, "Translate the first steps")),
		broken(ago(10, 9, "Upgrade the search plugin")),
		ago(10, 6, "Give the search plugin its new settings"),
		ago(9, 2, "Show who wrote a page, and when"),
		ago(8, 5, "Compress the screenshots"),
		on("translate/de", ago(7, 9, "Translate the page about limits")),
		ago(7, 3, "Name the regions that we run in"),
		ago(6, 6, "Describe audit logs"),
		broken(on("feature/search", ago(5, 8, "Search as one types"))),
		on("feature/search", ago(5, 3, "Load the index when it is needed")),
		ago(4, 4, "Mend three broken anchors"),
		ago(3, 3, "Write the getting-started guide"),
		ago(2, 5, "Put the pictures beside their pages"),
		ago(1, 3, "Add a page about rollbacks"),
		broken(ago(1, 1, "Upgrade the theme to version 5")),
		ago(1, 0, "Pin the theme to version 4"),
		on("feature/search", ago(0, 3, "Index headings for the search box")),
	}
}

func shopHistory() []past {
	return []past{
		ago(28, 4, "Open the shop"),
		ago(27, 2, "Take cards of more kinds"),
		on("feature/reviews", ago(25, 6, "Let people review what they bought")),
		ago(24, 4, "Let people review what they bought"),
		broken(ago(22, 7, "Resize pictures while building")),
		ago(22, 1, "Resize pictures in the background"),
		ago(20, 3, "Round prices to what people expect"),
		ago(18, 5, "Say when something is in stock again"),
		on("feature/wishlist", ago(17, 8, "Keep a list of wishes")),
		broken(on("feature/wishlist", ago(16, 9, "Share a list of wishes"))),
		on("feature/wishlist", ago(16, 2, "Sign the links to shared lists")),
		ago(14, 6, "Keep a list of wishes"),
		ago(13, 4, "Count the basket in the header"),
		ago(11, 7, "Sell to Norway and Switzerland"),
		broken(ago(10, 3, "Move to the new payment form")),
		ago(9, 20, "Tell the payment form its language"),
		ago(8, 2, "Show how long delivery takes"),
		on("feature/gift-cards", ago(6, 5, "Draw gift cards")),
		ago(5, 6, "Mend the footer on small screens"),
		ago(4, 2, "Ask for the house number apart"),
		ago(3, 7, "Load the basket before the pictures"),
		ago(2, 3, "Show prices with tax"),
		ago(1, 5, "Remember the basket between visits"),
		broken(on("feature/gift-cards", ago(0, 5, "Sell gift cards"))),
		ago(0, 2, "Make the checkout one page"),
	}
}
