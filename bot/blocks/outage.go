package blocks

import (
	"time"

	"pagesbot/deploy"
)

// outageReply tells those who wait that Cloudflare cannot be looked at, or that it
// can be again; other notes it does not know.
func outageReply(b deploy.Body) (Message, bool) {
	const goesOn = "pagesbot keeps looking and will tell the outcome here."
	lasted := span(max(b.Duration.Truncate(time.Minute), time.Minute))
	switch b.Note {
	case deploy.NoteBlind:
		return Sentence("Cloudflare has not answered properly for " + lasted + ". " + goesOn +
			" If it lasts, look at https://www.cloudflarestatus.com."), true
	case deploy.NoteBarred:
		return Sentence("Cloudflare has refused pagesbot's token for " + lasted + ". " + goesOn +
			" Ask the people who run it to check CLOUDFLARE_API_TOKEN (it needs Cloudflare Pages: Edit) and CLOUDFLARE_ACCOUNT_ID."), true
	case deploy.NoteThrottled:
		return Sentence("Cloudflare's rate limit for this account has been used up for " + lasted + ". " + goesOn +
			" If it lasts, ask the people who run it what else calls Cloudflare's API with that account."), true
	case deploy.NoteSighted:
		return Sentence("pagesbot can look at Cloudflare again, after " + lasted + ", and goes on here."), true
	}
	return Message{}, false
}
