// Package command owns the grammar of what people type after the slash
// command: which verbs there are, what each takes, and the sentence that
// somebody reads who typed something else. It is pure. It refuses to know
// whether a project or deployment exists, who is asking, what the slash command
// is called and how Slack draws an answer.
//
// What people type is hostile, and it arrives as Slack and keyboards leave it:
// escaped, linked, with curly quotes, joined dashes and invisible characters.
// [Parse] undoes that, and what it returns has passed the checks below, so it
// may be put into a path or a request:
//
//   - a project is 1 to 58 of a-z, 0-9 and "-", not beginning with "-";
//   - a branch is a name that git allows, at most 255 bytes, not beginning with
//     a dash or a quotation mark;
//   - an environment is production or preview;
//   - a glob over projects is made of the same characters, "*" and "?", at most 58 of
//     them; one over branches is a branch in which "*" and "?" may stand for others;
//   - a deployment is one of the forms that [Ref] lists;
//   - a person is the id of a Slack user, who was picked from Slack's list;
//   - a duration is in whole minutes and within the bounds that [Command] states;
//   - a reason is one line of at most 200 printable characters. It is the only
//     free text: whoever shows it must escape it.
//
// A verb is recognised by its whole word and never by its beginning or by a
// synonym: those lead to a suggestion, which the person has to type. To add a
// verb, add its constant and its row in verbs.go, and a slot (the common ones are
// in slots.go) where it takes something that no verb took before.
package command
