import { expect, test } from "vitest";
import { commentMail } from "@/simulator/graph/mail/boilerplate";
import { commentText } from "./commentText";

const mail = (text: string) => commentMail({ text, taskTitle: 'Say "hi"', planTitle: "Launch", taskId: "t", tenantDomain: "contoso.example" });

test.each([
  "Looks good.",
  "two\nlines",
  "a\n\nb",
  "<script>alert(1)</script> & more",
  "Emoji 🚀 and عربى",
  "see https://contoso.sharepoint.com/sites/x/a.docx for more",
  "This task is in the way of everything else",
])("a comment comes out as it was written: %s", (text) => {
  expect(commentText("html", mail(text))).toBe(text);
});

test("plain text stays, with its boilerplate removed", () => {
  expect(commentText("text", "Done.\r\n\r\nReply in Microsoft Planner\r\nYou can also reply to this email to add a task comment.\r\nThis task is in the Launch plan.")).toBe("Done.");
});

test("a reply by mail leaves out what it quotes, but a comment that begins so is kept", () => {
  expect(commentText("text", "I agree.\n\n________________________________\nFrom: Alice\nold text")).toBe("I agree.");
  expect(commentText("text", "I agree.\n\nFrom: Alice <alice@contoso.com>\nSent: Monday, 2 March 2026 10:00\nTo: Marketing\nSubject: Re: Plan\n\nold text")).toBe("I agree.");
  expect(commentText("text", "From: the archive")).toBe("From: the archive");
});

test.each([
  "The fair:\nFrom: Monday\nTo: Friday\nBring the banners.",
  "First part\n____________________\nSecond part",
])("what a person wrote is not cut, though it looks like the beginning of a quoted mail: %s", (text) => {
  expect(commentText("text", text)).toBe(text);
  expect(commentText("html", mail(text))).toBe(text);
});

test("links keep their address, pictures are left out, headings are not shouted", () => {
  expect(commentText("html", '<h1>Plan</h1><p>See <a href="https://example.com/x">this</a> <img src="https://evil.example/pixel.gif"></p>')).toBe("Plan\n\nSee this [https://example.com/x]");
  expect(commentText("html", '<p>Open <a href="https://tasks.office.com/contoso/Home/Task/1">the task</a> now</p>')).toBe("Open the task now");
});
