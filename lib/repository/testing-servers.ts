/**
 * For tests: an S3 server and an Azure one as child processes, and a proxy before them that cuts, delays and refuses as told and
 * keeps what was asked. The S3 server knows no conditional writes, breaks off at pages of lists and at ranges of empty objects, and
 * checks no signatures: the proxy answers the first three as S3 does. Neither knows locks: the proxy remembers them, and refuses to make one shorter.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CloudOptions, CloudSettings } from "./stores";

const { resolve } = createRequire(import.meta.url);

/** Quick, so that tests of what fails are. */
export const QUICK: CloudOptions = { attempts: 3, delayMs: 1, timeoutMs: 5_000 };

/** What happens to a request: its connection is cut half way through, or after the server did what was asked; it is never answered; it is refused. */
export type Trouble = "cut" | "cut answer" | "stall" | number;

export interface Asked { method: string; url: string; headers: IncomingHttpHeaders }

export type Kind = "s3" | "azure";
const COMMANDS: Record<Kind, (dir: string) => string[]> = {
  s3: (directory) => ["-e", `new (require(process.argv[1]))({ ...JSON.parse(process.argv[2]) }).run().then(({ port }) => console.log("listens on http://127.0.0.1:" + port))`,
    resolve("@20minutes/s3rver"), JSON.stringify({ port: 0, address: "127.0.0.1", silent: true, allowMismatchedSignatures: true, directory })],
  azure: (dir) => [resolve("azurite/dist/src/blob/main.js"), "--blobHost", "127.0.0.1", "--blobPort", "0", "--location", dir, "--skipApiVersionCheck", "--disableTelemetry"],
};
const S3_KEY = { id: "S3RVER", secret: "S3RVER" };
const ACCOUNT = "devstoreaccount1";
const ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

export class CloudServer {
  /** What happens to each request from now on. */
  trouble: (asked: Asked) => Trouble | null = () => null;
  asked: Asked[] = [];
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #writing = new Map<string, Promise<unknown>>();
  /** Ends of locks, by the path of the object. */
  readonly locks = new Map<string, Date>();

  private constructor(readonly kind: Kind, private readonly child: ChildProcess, private readonly dir: string, private readonly port: number, private readonly proxy: http.Server) {
    proxy.on("request", (request, response) => void this.#answer(request, response).catch(() => request.destroy()));
  }

  /** `port`: of the proxy; 0: any. */
  static async start(kind: Kind, proxyPort = 0): Promise<CloudServer> {
    const dir = mkdtempSync(path.join(tmpdir(), `planback-${kind}-`));
    const child = spawn(process.execPath, COMMANDS[kind](dir), { stdio: ["ignore", "pipe", "inherit"] });
    const port = await new Promise<number>((found, failed) => {
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => {
        const port = /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec((said += chunk.toString()))?.[1];
        if (port) found(Number(port));
      });
      child.once("exit", () => failed(new Error(`The ${kind} server ended: ${said}`)));
    });
    const proxy = http.createServer();
    await once(proxy.listen(proxyPort, "127.0.0.1"), "listening");
    return new CloudServer(kind, child, dir, port, proxy);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.proxy.address() as AddressInfo).port}`;
  }

  /** Settings of a new, empty bucket or container. */
  async place(lockDays: number | null = null): Promise<CloudSettings> {
    const name = `place-${randomUUID()}`;
    if (this.kind === "s3") {
      mkdirSync(path.join(this.dir, name));
      return { driver: "s3", bucket: name, region: "us-east-1", endpoint: this.origin, accessKey: S3_KEY, lockDays };
    }
    const { ContainerClient, StorageSharedKeyCredential } = await import("@azure/storage-blob");
    const endpoint = `${this.origin}/${ACCOUNT}`;
    await new ContainerClient(`${endpoint}/${name}`, new StorageSharedKeyCredential(ACCOUNT, ACCOUNT_KEY)).create();
    return { driver: "azure", account: ACCOUNT, endpoint, container: name, credential: { key: ACCOUNT_KEY }, lockDays };
  }

  async close(): Promise<void> {
    this.proxy.close();
    this.proxy.closeAllConnections();
    this.#agent.destroy();
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = { method: request.method!, url: request.url!, headers: request.headers };
    this.asked.push(asked);
    const trouble = this.trouble(asked);
    if (trouble === "stall") return;
    const cut = () => request.socket.destroy();
    if (trouble === "cut") return void request.once("data", cut).once("end", cut);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (typeof trouble === "number") return void response.writeHead(trouble).end();
    const body = Buffer.concat(chunks);
    const answer = this.#lockAsked(asked, body) ?? (this.kind === "s3" ? await this.#asS3(asked, body) : await this.#forward(asked, body));
    if (answer.status < 300) this.#rememberLock(asked, answer);
    if (trouble === "cut answer") {
      if (answer.body.length === 0) return void cut();
      response.writeHead(answer.status, { ...answer.headers, "content-length": String(answer.body.length) });
      return void response.write(answer.body.subarray(0, answer.body.length >> 1), cut);
    }
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  /** The answer to a request that makes a lock longer. */
  #lockAsked({ method, url, headers }: Asked, body: Buffer): Answer | null {
    const { pathname, searchParams } = new URL(url, this.origin);
    if (method !== "PUT" || !(searchParams.has("retention") || searchParams.get("comp") === "immutabilityPolicies")) return null;
    const until = new Date(this.kind === "s3" ? /<Mode>COMPLIANCE<\/Mode><RetainUntilDate>(.*?)</.exec(body.toString())![1]! : String(headers[LOCK.azure.until]));
    if (until < (this.locks.get(pathname) ?? 0)) return this.kind === "s3" ? refusal(403, "AccessDenied") : refusal(409, "ImmutabilityPolicyDeleteOnLockedPolicy");
    this.locks.set(pathname, until);
    return { status: 200, headers: {}, body: Buffer.alloc(0) };
  }

  #rememberLock({ method, url, headers }: Asked, answer: Answer): void {
    const { mode, until, locked } = LOCK[this.kind];
    const { pathname } = new URL(url, this.origin);
    if (headers[until]) this.locks.set(pathname, new Date(String(headers[until])));
    const end = this.locks.get(pathname);
    if (method === "HEAD" && end) Object.assign(answer.headers, { [mode]: locked, [until]: this.kind === "s3" ? end.toISOString() : end.toUTCString() });
  }

  async #asS3(asked: Asked, body: Buffer): Promise<Answer> {
    const url = new URL(asked.url, this.origin);
    if (asked.headers["if-none-match"] === "*") return this.#first(url.pathname, () => this.#forward(asked, body));
    if (url.searchParams.has("list-type")) return this.#page(url);
    const { range, ...headers } = asked.headers;
    if (range && (await this.#forward({ ...asked, method: "HEAD", headers }, body)).headers["content-length"] === "0") return refusal(416, "InvalidRange");
    return this.#forward(asked, body);
  }

  /** The first of several writers of a key wins, when they ask for it. */
  async #first(key: string, write: () => Promise<Answer>): Promise<Answer> {
    const before = this.#writing.get(key);
    const done = (async () => {
      await before?.catch(() => undefined);
      return (await this.#forward({ method: "HEAD", url: key, headers: {} }, Buffer.alloc(0))).status === 200 ? refusal(412, "PreconditionFailed") : write();
    })();
    this.#writing.set(key, done);
    return done;
  }

  async #page({ pathname, searchParams }: URL): Promise<Answer> {
    const all = await this.#list(pathname.split("/")[1]!, searchParams.get("prefix") ?? "");
    const after = searchParams.get("continuation-token") ?? "";
    const left = [...all.matchAll(/<Contents>.*?<Key>(.*?)<\/Key>.*?<\/Contents>/gs)].filter(([, key]) => key! > after);
    const some = left.slice(0, Number(searchParams.get("max-keys")));
    const next = some.length < left.length ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${some.at(-1)![1]}</NextContinuationToken>` : "";
    const status = all.includes("<Code>NoSuchBucket</Code>") ? 404 : 200;
    return { status, headers: { "content-type": "application/xml" }, body: Buffer.from(status === 404 ? all : `<ListBucketResult>${some.map(([text]) => text).join("")}${next}</ListBucketResult>`) };
  }

  async #list(bucket: string, prefix: string): Promise<string> {
    const { body } = await this.#forward({ method: "GET", url: `/${bucket}?list-type=2&prefix=${encodeURIComponent(prefix)}`, headers: {} }, Buffer.alloc(0));
    return body.toString();
  }

  #forward({ method, url, headers }: Asked, body: Buffer): Promise<Answer> {
    return new Promise((done, failed) => {
      const rest = whole(headers);
      const sent = http.request({ host: "127.0.0.1", port: this.port, method, path: url, headers: { ...rest, "content-length": String(body.length) }, agent: this.#agent }, async (answer) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of answer) chunks.push(chunk as Buffer);
          done({ status: answer.statusCode!, headers: whole(answer.headers), body: Buffer.concat(chunks) });
        } catch (error) {
          failed(error instanceof Error ? error : new Error(String(error)));
        }
      });
      sent.on("error", failed);
      sent.end(body);
    });
  }
}

/** The headers of a lock. */
export const LOCK = {
  s3: { mode: "x-amz-object-lock-mode", until: "x-amz-object-lock-retain-until-date", locked: "COMPLIANCE" },
  azure: { mode: "x-ms-immutability-policy-mode", until: "x-ms-immutability-policy-until-date", locked: "Locked" },
} as const;

/** Bodies are sent on in one piece. */
const whole = (headers: IncomingHttpHeaders): IncomingHttpHeaders => Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "transfer-encoding"));

interface Answer { status: number; headers: IncomingHttpHeaders; body: Buffer }

const refusal = (status: number, code: string): Answer => ({ status, headers: { "content-type": "application/xml" }, body: Buffer.from(`<Error><Code>${code}</Code><Message>As S3 says it.</Message></Error>`) });
