import type { SimUser, SimWorld } from "../../model";

export interface PostRecord {
  id: string;
  createdAt: number;
  sender: { name: string; address: string };
  contentType: "html" | "text";
  content: string;
}

export interface ThreadRecord {
  id: string;
  groupId: string;
  topic: string;
  posts: PostRecord[];
}

/** Group mailboxes: conversation threads and their posts, in memory. */
export class MailStore {
  private readonly threads = new Map<string, ThreadRecord>();
  private readonly ofGroup = new Map<string, Set<ThreadRecord>>();
  /** A reply shows up in lists only after this many ms (its 202 comes at once). */
  replyLagMs = 0;

  constructor(private readonly world: SimWorld) {}

  addThread(groupId: string, topic: string): ThreadRecord {
    const thread: ThreadRecord = { id: this.mailId(), groupId, topic, posts: [] };
    this.threads.set(thread.id, thread);
    const known = this.ofGroup.get(groupId) ?? new Set();
    this.ofGroup.set(groupId, known.add(thread));
    return thread;
  }

  addPost(thread: ThreadRecord, post: { sender: SimUser; content: string; contentType?: "html" | "text"; createdAt?: number; lagMs?: number }): PostRecord {
    const record: PostRecord = {
      id: this.mailId(),
      createdAt: (post.createdAt ?? this.world.now()) + (post.lagMs ?? 0),
      sender: { name: post.sender.displayName, address: post.sender.mail ?? post.sender.userPrincipalName },
      contentType: post.contentType ?? "html",
      content: post.content,
    };
    thread.posts.push(record);
    return record;
  }

  /** A thread of this group; threads of other groups are not found in its mailbox. */
  find(groupId: string, threadId: string): ThreadRecord | undefined {
    const thread = this.threads.get(threadId);
    return thread?.groupId === groupId ? thread : undefined;
  }

  list(groupId: string): ThreadRecord[] {
    return [...(this.ofGroup.get(groupId) ?? [])];
  }

  /** Posts that have arrived by now. */
  posts(thread: ThreadRecord): PostRecord[] {
    return thread.posts.filter((post) => post.createdAt <= this.world.now());
  }

  remove(thread: ThreadRecord): void {
    this.threads.delete(thread.id);
    this.ofGroup.get(thread.groupId)?.delete(thread);
  }

  /** Ids as Exchange makes them: long, base64url, ending in "=". */
  private mailId(): string {
    return `AAQkAD${Buffer.from(this.world.guid() + this.world.guid()).toString("base64url")}=`;
  }
}
