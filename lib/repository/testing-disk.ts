/** For tests: a file system that fails at a chosen call, loses power, or ends the process. */
import type * as fsPromises from "node:fs/promises";
import { readdirSync, rmSync, truncateSync } from "node:fs";
import path from "node:path";
import type { ObjectStore } from "./types";

type Fs = typeof fsPromises;
type Mode = "error" | "exit" | "power cut";

const never = () => new Promise<never>(() => {});

class Disk {
  #calls = 0;
  #armed: { mode: Mode; failAt: number; died(): void; call: string } | null = null;
  #dead = false;
  /** What a power cut would take: content of files and names in directories that were not flushed since. */
  #unflushed = { content: new Map<string, Set<string>>(), names: new Set<string>() };

  /** The module with every call that changes or asks the disk on the way through here. */
  around(fs: Fs): Partial<Fs> {
    const through = <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>, then: (result: R, ...args: A) => void = () => {}) =>
      async (...args: A): Promise<R> => {
        await this.#step(`${name} ${String(args[0])}`);
        const result = await call(...args);
        then(result, ...args);
        return result;
      };
    const named = (target: string) => void this.#unflushed.names.add(target);
    const open = async (file: string, flags: string, mode?: number) => {
      await this.#step(`open ${file}`);
      const handle = await fs.open(file, flags, mode);
      if (flags !== "r") {
        this.#unflushed.content.set(file, new Set([file]));
        named(file);
      }
      const write = handle.writeFile.bind(handle) as (bytes: Uint8Array) => Promise<void>;
      return Object.assign(handle, {
        writeFile: async (bytes: Uint8Array) => {
          await this.#step(`write ${file}`, () => write(bytes.subarray(0, bytes.length >> 1)));
          await write(bytes);
        },
        sync: async () => {
          await this.#step(`flush ${file}`);
          // Not flushed in truth, only remembered: faster, and as good as long as the power stays on.
          this.#unflushed.content.delete(file);
          if (flags === "r") for (const name of this.#unflushed.names) if (path.dirname(name) === file) this.#unflushed.names.delete(name);
        },
      });
    };
    return {
      ...fs,
      open: open as Fs["open"],
      mkdir: through("mkdir", fs.mkdir as (dir: string, options?: object) => Promise<string | undefined>, (first, dir) => {
        for (let made = dir; first && made.length >= first.length; made = path.dirname(made)) named(made);
      }) as Fs["mkdir"],
      link: through("link", fs.link, (_, from, to) => { named(String(to)); this.#unflushed.content.get(String(from))?.add(String(to)); }),
      rename: through("rename", fs.rename, (_, __, to) => named(String(to))),
      unlink: through("unlink", fs.unlink),
      stat: through("stat", fs.stat as (file: string) => ReturnType<Fs["stat"]>) as Fs["stat"],
      readFile: through("read", fs.readFile as (file: string) => Promise<Buffer>) as Fs["readFile"],
    };
  }

  async #step(call: string, torn?: () => Promise<unknown>): Promise<void> {
    if (this.#dead) return never();
    if (!this.#armed) return;
    this.#calls++;
    const { mode, failAt } = this.#armed;
    if (this.#calls < failAt || (mode === "error" && this.#calls > failAt)) return;
    if (this.#calls === failAt) this.#armed.call = call;
    if (mode === "error") throw Object.assign(new Error(`EIO: ${call}`), { code: "EIO" });
    this.#dead = true;
    await torn?.();
    this.#armed.died();
    return never();
  }

  /** How many calls `action` makes when nothing fails. */
  async count(store: ObjectStore, action: (store: ObjectStore) => Promise<unknown>): Promise<number> {
    await this.fail(store, "error", Infinity, action as (store: ObjectStore) => Promise<string>);
    return this.#calls;
  }

  /** Runs `action`, whose calls fail as told; afterwards the disk works again, and holds what would be left. */
  async fail(store: ObjectStore, mode: Mode, failAt: number, action: (store: ObjectStore) => Promise<string>): Promise<{ hit: boolean; call: string; manifestId: string | null }> {
    this.#calls = 0;
    this.#unflushed = { content: new Map(), names: new Set() };
    const died = new Promise<null>((resolve) => { this.#armed = { mode, failAt, died: () => resolve(null), call: "" }; });
    const manifestId = await Promise.race([action(store).catch(() => null), died]);
    const { call } = this.#armed!;
    if (mode === "power cut" && this.#dead) this.#losePower();
    this.#armed = null;
    this.#dead = false;
    return { hit: this.#calls >= failAt, call, manifestId };
  }

  #losePower(): void {
    const present = (file: string) => readdirSync(path.dirname(file)).includes(path.basename(file));
    for (const names of this.#unflushed.content.values()) for (const file of names) if (present(file)) truncateSync(file, 0);
    for (const name of [...this.#unflushed.names].sort().reverse()) rmSync(name, { recursive: true, force: true });
  }
}

export const disk = new Disk();
