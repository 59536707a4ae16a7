import type { SharedState } from "../mesh-options.ts";

/** A shared state for tests: a map in which an entry replaces the entry with the same key and a lower version. */
export class LastWriterWins implements SharedState {
  readonly entries = new Map<string, number>();

  set(key: string, version: number): Uint8Array {
    this.entries.set(key, version);
    return Buffer.from(JSON.stringify([key, version]));
  }

  *snapshot(): Iterable<Uint8Array> {
    for (const entry of this.entries) yield Buffer.from(JSON.stringify(entry));
  }

  digest(): string {
    return JSON.stringify([...this.entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async merge(items: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    return items.filter((item) => {
      const [key, version] = JSON.parse(Buffer.from(item).toString()) as [string, number];
      if ((this.entries.get(key) ?? -1) >= version) return false;
      this.entries.set(key, version);
      return true;
    });
  }
}
