import type { Clock } from "../clock.ts";
import type { Host } from "../host.ts";
import { maskPassword } from "../mask-password.ts";
import { type ProfileKind, Profiler, ProfilerBusyError } from "./profiler.ts";

/** An answer to a request for a path below `/debug/pprof/`. */
export interface ProfilePage {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Default length of a profile in Go's servers, s. */
const DEFAULT_SECONDS = 30;
const MAX_SECONDS = 300;

interface ProfileRow {
  readonly about: string;
  /** File suffix that tools recognise. Undefined for text. */
  readonly suffix?: string;
}

const PROFILES: Readonly<Record<ProfileKind | "cmdline", ProfileRow>> = {
  allocs: { about: "All allocations during the profile, including those that are free again.", suffix: ".heapprofile" },
  cmdline: { about: "The command line of this process." },
  heap: {
    about: "Memory that was allocated during the profile and is still in use at its end.",
    suffix: ".heapprofile",
  },
  profile: { about: "CPU time of the main thread by function.", suffix: ".cpuprofile" },
};

const ROOT = "/debug/pprof/";

/** Serves pages like Go's `/debug/pprof/`, with profiles in V8's formats. */
export class ProfilePages {
  readonly #profiler: Profiler;
  readonly #args: readonly string[];
  readonly #stopping: AbortSignal;

  /** @param args the process' arguments, shown by `/debug/pprof/cmdline` without passwords in URLs */
  constructor(options: { readonly clock: Clock; readonly args: readonly string[]; readonly stopping: AbortSignal }) {
    this.#profiler = new Profiler(options.clock);
    this.#args = options.args;
    this.#stopping = options.stopping;
  }

  /**
   * Returns the answer to a request.
   * @param url path and query
   * @param gone aborts when the client has disconnected
   */
  async answer(url: string, gone?: AbortSignal): Promise<ProfilePage> {
    const [path, query] = url.split("?", 2) as [string, string | undefined];
    const name = path.slice(ROOT.length);
    if (name === "")
      return { status: 200, headers: { ...SAFE, "content-type": "text/html; charset=utf-8" }, body: INDEX };
    if (name === "cmdline") {
      return { status: 200, headers: TEXT, body: this.#args.map(withoutPassword).join("\0") };
    }
    if (!Object.hasOwn(PROFILES, name)) return refusal(404, "Unknown profile");
    const requested = Number(new URLSearchParams(query).get("seconds") ?? "");
    const seconds = requested > 0 ? Math.min(requested, MAX_SECONDS) : DEFAULT_SECONDS;
    const signal = gone === undefined ? this.#stopping : AbortSignal.any([gone, this.#stopping]);
    try {
      const body = await this.#profiler.record(name as ProfileKind, seconds, signal);
      const file = `${name}${PROFILES[name as ProfileKind].suffix}`;
      const headers = {
        "content-disposition": `attachment; filename="${file}"`,
        "content-type": "application/octet-stream",
      };
      return { status: 200, headers: { ...SAFE, ...headers }, body };
    } catch (error) {
      if (!(error instanceof ProfilerBusyError)) throw error;
      return refusal(500, `Could not enable profiling: ${error.message}`);
    }
  }
}

/** Returns the pages of a process that was started with the host's arguments. */
export const profilePages = ({ clock, stopping }: Host): ProfilePages =>
  new ProfilePages({ clock, stopping, args: process.argv.slice(1) });

/**
 * Replaces the password of a URL in an argument. The password is before the host, or in a parameter as in PostgreSQL's
 * URLs.
 */
function withoutPassword(arg: string): string {
  const at = arg.indexOf("://");
  const masked = at === -1 ? arg : arg.slice(0, at + 1) + maskPassword(arg.slice(at + 1), "xxxxx");
  return masked.replace(/([?&]password=)[^&#]*/g, "$1xxxxx");
}

const SAFE = { "x-content-type-options": "nosniff" };
const TEXT = { ...SAFE, "content-type": "text/plain; charset=utf-8" };

const refusal = (status: number, text: string): ProfilePage => ({
  status,
  headers: { ...TEXT, "x-go-pprof": "1" },
  body: `${text}\n`,
});

const ROWS = Object.entries(PROFILES)
  .map(
    ([name, { about, suffix }]) =>
      `<tr><td><a href="${name}">${name}</a></td><td>${suffix ?? ""}</td><td>${about}</td></tr>`,
  )
  .join("\n");

const INDEX = `<!doctype html>
<html>
<head><title>/debug/pprof/</title></head>
<body>
/debug/pprof/
<p>Types of profiles available:</p>
<table>
${ROWS}
</table>
<p>Narthex runs on Node: profiles are V8's, of the main thread, and go tool pprof does not read them. Each is recorded from
now on for ?seconds=N, ${DEFAULT_SECONDS} where nothing is said and ${MAX_SECONDS} at most, one at a time.</p>
<p>To open a .cpuprofile: the Performance panel of Chrome's DevTools, "Load profile", or Visual Studio Code. To open a
.heapprofile: the Memory panel, "Load profile", or Visual Studio Code.</p>
</body>
</html>
`;
