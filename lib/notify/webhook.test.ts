/** Webhooks against real servers: what arrives, what is refused, and what the other side may do. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import { post } from "./post";
import type { Message } from "./types";
import { newWebhookSecret, sendWebhook, signature, webhookBody, webhookUrlProblem } from "./webhook";

const message: Message = {
  id: "4f0d0f38-0000-4000-8000-000000000001", type: "backup.failed.opened", change: "opened", at: "2026-11-25T07:00:00.000Z", title: "Ä backup failed", text: "Nothing is lost.", facts: [],
  link: { label: "See why", url: "https://planback.example/w/1/runs/2" }, settingsUrl: "https://planback.example/w/1/notifications", data: { workspaceId: "1", event: "backup.failed" },
};

interface Got { url: string; headers: http.IncomingHttpHeaders; body: string }
const servers: http.Server[] = [];
async function receiver(answer: (response: http.ServerResponse, got: Got) => void): Promise<{ url: string; port: number; got: Got[] }> {
  const got: Got[] = [];
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk)).on("end", () => {
      got.push({ url: request.url!, headers: request.headers, body });
      answer(response, got.at(-1)!);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, port, got };
}
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => {
  server.closeAllConnections();
  server.close(resolve);
}))));

const here = { webhookPrivate: true };

describe("the signature", () => {
  test("is that of the reference library's own vector", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const body = '{"test": 2432232314}';
    expect(signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  test("of what arrives is accepted by the reference library, and not for another body, id, time or secret", async () => {
    const { url, got } = await receiver((response) => response.end("ok"));
    const secret = newWebhookSecret();
    expect(await sendWebhook({ url, secret }, message, here)).toEqual({ ok: true, status: 200, text: "ok", permanent: false });
    const { headers, body } = got[0]!;
    const sent = headers as Record<string, string>;
    expect(new Webhook(secret).verify(body, sent)).toEqual({ type: "backup.failed.opened", timestamp: message.at, data: { workspaceId: "1", event: "backup.failed", title: message.title, text: message.text, url: message.link.url } });
    expect(body).toBe(webhookBody(message));
    expect(() => new Webhook(secret).verify(body.replace("failed", "worked"), sent)).toThrow();
    expect(() => new Webhook(secret).verify(body, { ...sent, "webhook-id": "other" })).toThrow();
    expect(() => new Webhook(secret).verify(body, { ...sent, "webhook-timestamp": String(Number(sent["webhook-timestamp"]) + 1) })).toThrow();
    expect(() => new Webhook(newWebhookSecret()).verify(body, sent)).toThrow();
  });
});

describe("where a webhook may go", () => {
  test.each(["http://example.com/", "ftp://example.com/", "https://user:password@example.com/", "nothing", "//example.com"])("%s is refused before anything is sent", async (url) => {
    expect(webhookUrlProblem(url, { webhookPrivate: false })).not.toBeNull();
    expect(await sendWebhook({ url, secret: newWebhookSecret() }, message, { webhookPrivate: false })).toMatchObject({ ok: false, status: null, permanent: true });
  });

  test.each(["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])("https://%s is a private address and gets nothing, not even a connection", async (host) => {
    const { port, got } = await receiver((response) => response.end());
    const answer = await sendWebhook({ url: `https://${host}:${port}/`, secret: newWebhookSecret() }, message, { webhookPrivate: false });
    expect(answer).toMatchObject({ ok: false, status: null, permanent: true });
    expect(answer.text).toContain("private network");
    expect(got).toEqual([]);
  });

  test.each(["http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://0.0.0.0/", "http://[::ffff:169.254.169.254]/", "http://224.0.0.1/"])("%s gets nothing even where private addresses are allowed", async (url) => {
    expect(await sendWebhook({ url, secret: newWebhookSecret() }, message, here)).toMatchObject({ ok: false, status: null, permanent: true });
  });

  test("a redirect is not followed", async () => {
    const inner = await receiver((response) => response.end("secret"));
    const { url, got } = await receiver((response) => response.writeHead(307, { location: inner.url }).end());
    expect(await sendWebhook({ url, secret: newWebhookSecret() }, message, here)).toMatchObject({ ok: false, status: 307, permanent: true });
    expect([got.length, inner.got.length]).toEqual([1, 0]);
  });
});

describe("what the other side answers", () => {
  test.each([
    [204, "", { ok: true, permanent: false }], [400, "no such hook", { ok: false, permanent: false }], [410, "gone", { ok: false, permanent: true }], [500, "later", { ok: false, permanent: false }],
  ])("%i %s", async (status, text, expected) => {
    const { url } = await receiver((response) => response.writeHead(status).end(text));
    expect(await sendWebhook({ url, secret: newWebhookSecret() }, message, here)).toMatchObject({ status, ...expected, ...(text ? { text } : {}) });
  });

  test("an endless answer is cut, and control characters are not kept", async () => {
    const { url } = await receiver((response) => {
      const more = () => response.write("x\r\n\u001b[31m".repeat(100), (error) => (error ? undefined : more()));
      more();
    });
    const answer = await sendWebhook({ url, secret: newWebhookSecret() }, message, here);
    expect(answer.ok).toBe(true);
    expect(answer.text.length).toBeLessThanOrEqual(300);
    expect(answer.text).not.toMatch(/[\r\n\u001b]/);
  });

  test("a server that never answers, and one that is not there, are no success", async () => {
    const { url } = await receiver(() => undefined);
    expect(await post(new URL(url), {}, "{}", { allowed: ["private"], timeoutMs: 200 })).toMatchObject({ ok: false, status: null, permanent: false, text: "No answer within 0.2 seconds." });
    const gone = await receiver(() => undefined);
    servers.splice(servers.length - 1)[0]!.close();
    expect(await sendWebhook({ url: gone.url, secret: newWebhookSecret() }, message, here)).toMatchObject({ ok: false, status: null, permanent: false, text: "The server refuses the connection." });
    expect(await sendWebhook({ url: "https://no-such-host.invalid/", secret: newWebhookSecret() }, message, here)).toMatchObject({ ok: false, status: null, permanent: false });
  });
});
