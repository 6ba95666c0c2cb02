export interface Waiting {
  /** Who waits: parties take turns, however much each of them wants. */
  party: string;
  /** Goes before the others of the same party. */
  urgent: boolean;
}

/** How many turns back a party's share is counted. */
const MEMORY = 64;

/**
 * A queue in which parties have equal shares: the next turn is that of the party which had the fewest of the last turns,
 * so that one with little to do hardly waits for one with much.
 */
export class FairQueue<T extends Waiting> {
  /** Among equals the first is next; a party that had its turn goes to the end. */
  private readonly parties = new Map<string, T[]>();
  private readonly lastTurns: string[] = [];
  private readonly share = new Map<string, number>();
  size = 0;

  add(one: T): void {
    const mine = this.parties.get(one.party) ?? [];
    this.parties.set(one.party, mine);
    const firstPatient = one.urgent ? mine.findIndex((other) => !other.urgent) : -1;
    if (firstPatient < 0) mine.push(one);
    else mine.splice(firstPatient, 0, one);
    this.size++;
  }

  /** The one whose turn is next among those that may go; `mayGo` is asked in the order of turns. */
  first(mayGo: (one: T) => boolean): T | null {
    const shareOf = (party: string) => this.share.get(party) ?? 0;
    for (const [, mine] of [...this.parties].sort(([a], [b]) => shareOf(a) - shareOf(b))) {
      const found = mine.find(mayGo);
      if (found) return found;
    }
    return null;
  }

  /** Takes one out and counts its party's turn. */
  take(one: T): void {
    this.remove(one);
    const rest = this.parties.get(one.party);
    if (rest) {
      this.parties.delete(one.party);
      this.parties.set(one.party, rest);
    }
    this.count(one.party, +1);
    this.lastTurns.push(one.party);
    if (this.lastTurns.length > MEMORY) this.count(this.lastTurns.shift()!, -1);
  }

  /** Takes one out that will not go. */
  remove(one: T): void {
    const mine = this.parties.get(one.party) ?? [];
    const index = mine.indexOf(one);
    if (index < 0) return;
    mine.splice(index, 1);
    if (mine.length === 0) this.parties.delete(one.party);
    this.size--;
  }

  private count(party: string, change: 1 | -1): void {
    const share = (this.share.get(party) ?? 0) + change;
    if (share > 0) this.share.set(party, share);
    else this.share.delete(party);
  }

  all(): T[] {
    return [...this.parties.values()].flat();
  }
}
