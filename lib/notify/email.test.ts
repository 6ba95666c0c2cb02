/** E-mail through a real SMTP server. */
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, expect, test } from "vitest";
import { sendEmail } from "./email";
import type { Message } from "./types";

const message: Message = {
  id: "4f0d0f38-0000-4000-8000-000000000001", type: "backup.failed.opened", change: "opened", at: "2026-11-25T07:00:00.000Z", title: "Policy “Täglich <b>” failed\r\nBcc: evil@example.org", text: "Nothing is lost.", facts: [{ label: "Workspace", value: "<script>" }],
  link: { label: "See why", url: "https://planback.example/w/1/runs/2" }, settingsUrl: "https://planback.example/w/1/notifications", data: {},
};

let server: SMTPServer | undefined;
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

interface Mail { from: string; to: string[]; raw: string }
async function smtp(options: SMTPServerOptions = {}): Promise<{ mail: { smtpUrl: string; from: string }; got: Mail[] }> {
  const got: Mail[] = [];
  server = new SMTPServer({
    disabledCommands: ["STARTTLS"], logger: false,
    onAuth: ({ username, password }, _session, done) => (username === "planback" && password === "secret" ? done(null, { user: username }) : done(Object.assign(new Error("5.7.8 Authentication failed"), { responseCode: 535 }))),
    onData: (stream, session, done) => {
      let raw = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => (raw += chunk)).on("end", () => {
        got.push({ from: session.envelope.mailFrom ? session.envelope.mailFrom.address : "", to: session.envelope.rcptTo.map(({ address }) => address), raw });
        done();
      });
    },
    ...options,
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as { port: number };
  return { mail: { smtpUrl: `smtp://planback:secret@127.0.0.1:${port}?ignoreTLS=true`, from: "Planback <planback@example.com>" }, got };
}

test("arrives with both parts, at each address, and its text cannot add headers or HTML", async () => {
  const { mail, got } = await smtp();
  expect(await sendEmail({ to: ["a@example.org", "b@example.org"] }, message, { mail })).toMatchObject({ ok: true, status: 250 });
  expect(got).toHaveLength(1);
  const { from, to, raw } = got[0]!;
  expect([from, to]).toEqual(["planback@example.com", ["a@example.org", "b@example.org"]]);
  const headers = raw.slice(0, raw.indexOf("\r\n\r\n"));
  expect(headers).toMatch(/^Message-ID: <4f0d0f38-0000-4000-8000-000000000001@planback>$/m);
  expect(headers).toMatch(/^List-Unsubscribe: <https:\/\/planback.example\/w\/1\/notifications>$/m);
  expect(headers).not.toMatch(/^Bcc:/im);
  expect(raw).toMatch(/Content-Type: text\/plain/);
  expect(raw).toMatch(/Content-Type: text\/html/);
  expect(raw.replace(/=\r\n/g, "").replace(/=3D/g, "=")).toContain("https://planback.example/w/1/runs/2");
  expect(raw).toContain("&#60;script&#62;");
});

test("a refusal is told in the server's own words; 5yz is final, 4yz is not", async () => {
  const refuse = (responseCode: number, words: string) => smtp({ onRcptTo: (_address, _session, done) => done(Object.assign(new Error(words), { responseCode })) });
  expect(await sendEmail({ to: ["nobody@example.org"] }, message, await refuse(550, "5.1.1 No such user"))).toEqual({ ok: false, status: 550, text: expect.stringContaining("5.1.1 No such user"), permanent: true });
  server!.close();
  expect(await sendEmail({ to: ["busy@example.org"] }, message, await refuse(451, "4.3.0 Try again later"))).toMatchObject({ ok: false, status: 451, permanent: false });
});

test("wrong passwords and a server that is not there are told, without the address that holds the password", async () => {
  const { mail } = await smtp();
  const refused = await sendEmail({ to: ["a@example.org"] }, message, { mail: { ...mail, smtpUrl: mail.smtpUrl.replace("secret", "secret-of-before") } });
  expect(refused).toMatchObject({ ok: false, status: 535, permanent: false });
  const absent = await sendEmail({ to: ["a@example.org"] }, message, { mail: { smtpUrl: "smtp://planback:secret@127.0.0.1:1", from: mail.from } });
  expect(absent).toMatchObject({ ok: false, status: null, permanent: false });
  expect(refused.text + absent.text).not.toContain("secret");
});

test("an installation without a mail server says so", async () => {
  expect(await sendEmail({ to: ["a@example.org"] }, message, { mail: null })).toMatchObject({ ok: false, permanent: true, text: expect.stringContaining("SMTP_URL") });
});
