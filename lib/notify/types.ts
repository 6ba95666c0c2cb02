/** What is sent to people, and where to. Plain data: how it looks in each kind of channel is decided in this room. */

export type ChannelKind = "email" | "teams" | "webhook";

/** Stored sealed: addresses and URLs are a way in, and the secret signs. */
export type ChannelTarget =
  | { kind: "email"; to: string[] }
  | { kind: "teams"; url: string }
  | { kind: "webhook"; url: string; secret: string };

/** Opened: something needs a person. Closed: it does not any more. Happened: to be known, nothing to do. */
export type Change = "opened" | "closed" | "happened" | "test";

export interface Message {
  /** Stays the same when the message is sent again. */
  id: string;
  /** For machines: "backup.failed.opened". */
  type: string;
  change: Change;
  at: string;
  title: string;
  text: string;
  facts: { label: string; value: string }[];
  link: { label: string; url: string };
  /** Where the recipients can change what they get; null: they get it once. */
  settingsUrl: string | null;
  /** For machines: ids, counts and times. */
  data: Record<string, unknown>;
}

/** What the other side said. */
export interface Answer {
  ok: boolean;
  /** HTTP or SMTP status; null when there was no answer. */
  status: number | null;
  /** In the words of the other side, or why nothing was sent; at most 300 characters. */
  text: string;
  /** Sending the same again cannot help. */
  permanent: boolean;
}
