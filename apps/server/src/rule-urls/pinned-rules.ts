import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ExchangeClient, limitedBody } from "@narthex/http";
import { type Clock, replaceDataFile } from "@narthex/runtime";
import { followOnHost } from "./host-redirects.ts";
import { type PinnedUrl, sha256Of } from "./pinned-url.ts";

/** Maximum size of a rule file in bytes. */
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 30_000;

interface Options {
  /** Folder of the copies, which the server uses while an address cannot be reached. */
  readonly folder: string;
  /** A client that does not follow redirects. */
  readonly client: Pick<ExchangeClient, "request">;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** Fetches rule files with known checksums, and keeps a copy of each on the disk. */
export class PinnedRules {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  #pathOf({ sha256 }: PinnedUrl): string {
    return join(this.#options.folder, `${sha256}.yml`);
  }

  /** Returns the copy on the disk. Returns undefined if it is missing, or has another checksum. */
  async kept(pinned: PinnedUrl): Promise<string | undefined> {
    const bytes = await readFile(this.#pathOf(pinned)).catch(() => undefined);
    return bytes !== undefined && sha256Of(bytes) === pinned.sha256 ? bytes.toString() : undefined;
  }

  /** Fetches a file and keeps it. Rejects if its checksum is another one; the copy on the disk then stays. */
  async fetch(pinned: PinnedUrl): Promise<string> {
    const { client, clock, userAgent, folder } = this.#options;
    const deadline = new AbortController();
    const cancel = clock.after(TIMEOUT_MS, () => deadline.abort(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    try {
      const headers = { "user-agent": userAgent };
      const answer = await followOnHost(pinned.url, (url) =>
        client.request(url, { method: "GET", headers, signal: deadline.signal }),
      );
      const tooLong = (): Error => new Error(`the file has more than ${MAX_BYTES} bytes; split it`);
      const bytes = await limitedBody(answer.body, MAX_BYTES, tooLong);
      if (answer.statusCode !== 200) throw new Error(`the answer has the status ${answer.statusCode}`);
      const found = sha256Of(bytes);
      if (found !== pinned.sha256) {
        const hint = "check the file, and set the new checksum if you trust it";
        throw new Error(`the checksum is ${found} instead of ${pinned.sha256}; ${hint}`);
      }
      await mkdir(folder, { recursive: true, mode: 0o750 });
      await replaceDataFile(this.#pathOf(pinned), bytes);
      return bytes.toString();
    } finally {
      cancel();
    }
  }
}
