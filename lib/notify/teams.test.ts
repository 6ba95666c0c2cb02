import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { z } from "zod";
import { sendTeams, teamsCard } from "./teams";
import type { Message } from "./types";

const message: Message = {
  id: "1", type: "backup.failed.opened", change: "opened", at: "2026-11-25T07:00:00.000Z", title: "Policy “[click](https://evil.example)” failed", text: "<at>everyone</at> **now**", facts: [{ label: "Workspace", value: "A_B" }],
  link: { label: "See why", url: "https://planback.example/w/1" }, settingsUrl: "https://planback.example/w/1/notifications", data: {},
};

/** The parts of https://adaptivecards.io/explorer (1.4) that a card of ours consists of, and nothing else. */
const element = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("TextBlock"), text: z.string().min(1), weight: z.enum(["bolder"]).optional(), size: z.enum(["medium"]).optional(), wrap: z.literal(true), color: z.enum(["default", "accent", "good", "attention"]).optional() }),
  z.strictObject({ type: z.literal("FactSet"), facts: z.array(z.strictObject({ title: z.string(), value: z.string() })).min(1) }),
]);
const envelope = z.strictObject({
  type: z.literal("message"),
  attachments: z.tuple([z.strictObject({
    contentType: z.literal("application/vnd.microsoft.card.adaptive"), contentUrl: z.null(),
    content: z.strictObject({
      $schema: z.literal("http://adaptivecards.io/schemas/adaptive-card.json"), type: z.literal("AdaptiveCard"), version: z.literal("1.4"), body: z.array(element).min(2),
      actions: z.tuple([z.strictObject({ type: z.literal("Action.OpenUrl"), title: z.string(), url: z.url() })]),
    }),
  })]),
});

test.each(["opened", "closed", "happened", "test"] as const)("a card (%s) is an Adaptive Card 1.4 in the envelope that workflows take", (change) => {
  envelope.parse(teamsCard({ ...message, change }));
  envelope.parse(teamsCard({ ...message, change, facts: [] }));
});

test("names stay words: no link, mention or emphasis comes from them", () => {
  const text = JSON.stringify(teamsCard(message).attachments[0]!.content.body);
  expect(text).not.toMatch(/[^\\]\[click|[^\\]\*\*|<at>/);
  expect(text).toContain("A\\\\_B");
});

test("goes to the workflow's host as configured; any other host gets nothing", async () => {
  const got: { url?: string; body: string }[] = [];
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk)).on("end", () => {
      got.push({ url: request.url, body });
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const config = { teamsUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/{host}` };
  expect(await sendTeams({ url: "https://prod-1.westeurope.logic.azure.com/workflows/a?sig=b" }, message, config)).toMatchObject({ ok: true, status: 202 });
  expect(await sendTeams({ url: "https://evil.example/" }, message, config)).toMatchObject({ ok: false, status: null, permanent: true });
  expect(got.map((one) => one.url)).toEqual(["/prod-1.westeurope.logic.azure.com/workflows/a?sig=b"]);
  envelope.parse(JSON.parse(got[0]!.body));
  server.close();
});
