import http from "node:http";
import type { AddressInfo } from "node:net";
import type { SimRoom } from "../http";

/** Serves one room on an ephemeral port of the loopback interface, for tests. */
export async function serveRoom(makeRoom: (origin: string) => SimRoom): Promise<{ origin: string; close(): Promise<void> }> {
  const mounted: { room?: SimRoom } = {};
  const server = http.createServer((raw, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of raw) chunks.push(chunk as Buffer);
      const headers = Object.fromEntries(Object.entries(raw.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
      const answer = (await mounted.room?.({ method: raw.method ?? "GET", url: new URL(raw.url ?? "/", origin), headers, body: Buffer.concat(chunks), raw }, response)) ?? { status: 404, body: "" };
      const isText = typeof answer.body === "string";
      response.writeHead(answer.status, { ...(isText || answer.body === undefined ? {} : { "content-type": "application/json" }), ...answer.headers });
      response.end(answer.body === undefined ? undefined : isText ? (answer.body as string) : JSON.stringify(answer.body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  mounted.room = makeRoom(origin);
  return {
    origin,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface BrowserPage {
  status: number;
  text: string;
  title: string;
  /** Where a redirect points, when it leaves Entra ID. */
  location: URL | null;
}

/** A browser for tests: keeps cookies, and presses the buttons of the sign-in pages by their visible names. */
export class SignInBrowser {
  private cookies = new Map<string, string>();
  private at = "";
  private html = "";

  async open(url: string): Promise<BrowserPage> {
    this.at = url;
    return this.send(url, { method: "GET" });
  }

  /** Presses the button whose text contains `name`; `fill` sets other fields of its form. */
  async press(name: string, fill: Record<string, string> = {}): Promise<BrowserPage> {
    const found = [...this.html.matchAll(/<form[^>]*>([\s\S]*?)<\/form>/g)].map((match) => match[1]!).flatMap((inner) => {
      const buttons = [...inner.matchAll(/<button([^>]*)>([\s\S]*?)<\/button>/g)];
      return buttons.filter((button) => plain(button[2]!).includes(name)).map((button) => ({ inner, button }));
    })[0];
    if (!found) throw new Error(`No button "${name}" on the page: ${plain(this.html).slice(0, 400)}`);
    const fields = new URLSearchParams();
    for (const input of found.inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)) fields.set(input[1]!, unescape(input[2]!));
    const attribute = (key: string) => new RegExp(`${key}="([^"]*)"`).exec(found.button[1]!)?.[1];
    const buttonName = attribute("name");
    if (buttonName) fields.set(buttonName, unescape(attribute("value") ?? ""));
    for (const [key, value] of Object.entries(fill)) fields.set(key, value);
    return this.send(this.at, { method: "POST", body: fields });
  }

  private async send(url: string, init: RequestInit): Promise<BrowserPage> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: cookie ? { cookie } : {} });
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0]!.split("=");
      this.cookies.set(name!, value ?? "");
    }
    this.html = await response.text();
    const location = response.headers.get("location");
    return { status: response.status, text: plain(this.html), title: /<title>(.*?)<\/title>/.exec(this.html)?.[1] ?? "", location: location ? new URL(location) : null };
  }
}

const unescape = (text: string) => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
const plain = (markup: string) => unescape(markup.replace(/<style>[\s\S]*?<\/style>/g, "").replace(/<[^>]+>/g, " ")).replace(/\s+/g, " ").trim();
