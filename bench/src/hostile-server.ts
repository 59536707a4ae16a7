import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Contender, contenders, type LiveServer } from "./contenders.ts";
import { flag, numberFlag } from "./flags.ts";
import { type Attack, measureAttack, type AttackFigures } from "./measure-attack.ts";
import { HostileTargets } from "./hostile-targets.ts";
import { hostileWriters, WRITER_KINDS, WRITER_NAMES } from "./hostile-writers.ts";
import { LiveTargets, parseShape, type Shape, shapeName } from "./live-targets.ts";
import { pause } from "./program.ts";
import { type ScrapeTimes, scrapeTimes } from "./scrape-times.ts";
import { pipeline, unreadAttack } from "./unread-connections.ts";

const SHAPE = parseShape(flag("shape", "50x1000@5s"));
const MATCH_SHAPE = parseShape(flag("match-shape", "200x5000@15s"));
const CLIENTS = numberFlag("clients", 20);
const ANSWER_MB = numberFlag("answer-mb", 500);
const HOSTILE = numberFlag("hostile-targets", 10);
const WRITERS = flag("writers", WRITER_KINDS.join(",")).split(",");
const WARM_SCRAPES = 3;
const WARM_PATIENCE_MS = 240_000;
const ASK_TIMEOUT_MS = 60_000;
/** Bytes of one sample in a JSON range query answer: `[1700000000.123,"1000000123"],`. */
const BYTES_PER_SAMPLE = 29;

const now = (): number => Date.now() / 1000;

type Attacking = (server: LiveServer, config: string) => Promise<Attack>;

const unread: Attacking = async ({ base }) => {
  const steps = Math.round((ANSWER_MB * 1e6) / BYTES_PER_SAMPLE / (SHAPE.targets * SHAPE.series));
  const [end, spanS] = [now(), SHAPE.intervalS * (WARM_SCRAPES - 1)];
  const parameters = new URLSearchParams({
    query: '{__name__=~"live_.+"}',
    start: String(end - spanS),
    end: String(end),
    step: String(spanS / steps),
  }).toString();
  return unreadAttack(base, [`/api/v1/query_range?${parameters}`], CLIENTS);
};

const scraping =
  (hostile: HostileTargets): Attacking =>
  async (server, config) => {
    await server.reload(config + hostile.job(HOSTILE));
    return {
      end: async () => {
        // Ignores errors: the result is reported even if the server has ended or no longer answers.
        await server.reload(config).catch(() => undefined);
        return "";
      },
    };
  };

/** Measures a server while clients request a matrix of hundreds of megabytes and do not read the response. */
export const unreadScene = (folder: string): AsyncGenerator<AttackFigures> =>
  againstServers(folder, SHAPE, `${CLIENTS} unread answers of ${ANSWER_MB} MB`, unread);

/** Measures a server that scrapes targets with endless answers together with normal targets. */
export async function* targetsScene(folder: string): AsyncGenerator<AttackFigures> {
  await using hostile = await HostileTargets.start();
  yield* againstServers(folder, SHAPE, `${HOSTILE} hostile targets`, scraping(hostile));
}

/**
 * Measures a server under unread answers, hostile targets and connections that pipeline requests without reading, all
 * at the same time.
 */
export async function* togetherScene(folder: string): AsyncGenerator<AttackFigures> {
  await using hostile = await HostileTargets.start();
  yield* againstServers(folder, SHAPE, "unread, pipelined and hostile targets at once", async (server, config) => {
    const attacks = [await scraping(hostile)(server, config), await unread(server, config), pipeline(server.base)];
    return { end: async () => (await Promise.all(attacks.map(({ end }) => end()))).filter(Boolean).join("; ") };
  });
}

/** Measures a server while a client reads all series by /api/v1/series and by /federate in turns. */
export const matchScene = (folder: string): AsyncGenerator<AttackFigures> =>
  againstServers(folder, MATCH_SHAPE, `series and federate of ${shapeName(MATCH_SHAPE)}`, async ({ base }) => {
    const matches = new URLSearchParams({ "match[]": '{__name__=~".+"}' }).toString();
    const seen: string[] = [];
    const stop = new AbortController();
    const requests = (async () => {
      for (let i = 0; !stop.signal.aborted; i++)
        seen.push(await readAll(`${base}${i % 2 === 0 ? "/api/v1/series" : "/federate"}?${matches}`, stop.signal));
    })();
    return {
      end: async () => {
        stop.abort();
        await requests;
        return seen.join("; ");
      },
    };
  });

/** Reads a whole answer. Resolves with a text of the size and the times of the first and the last byte. */
async function readAll(url: string, stop: AbortSignal): Promise<string> {
  const began = performance.now();
  const seconds = (): string => ((performance.now() - began) / 1000).toFixed(1);
  const { pathname } = new URL(url);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([stop, AbortSignal.timeout(ASK_TIMEOUT_MS)]) });
    const first = seconds();
    let bytes = 0;
    for await (const piece of response.body!) bytes += piece.length;
    return `${pathname} ${response.status} ${(bytes / 1e6).toFixed(0)} MB, first after ${first} s, all after ${seconds()} s`;
  } catch (error) {
    await pause(100);
    const why = stop.aborted ? "not ended" : error instanceof Error ? error.name : String(error);
    return `${pathname} ${why} after ${seconds()} s`;
  }
}

/** Measures a server for each kind of hostile writer, which attacks the remote write endpoint. */
export async function* writersScene(folder: string): AsyncGenerator<AttackFigures> {
  for (const kind of WRITER_KINDS.filter((name) => WRITERS.includes(name))) {
    yield* againstServers(
      join(folder, kind),
      SHAPE,
      `writers: ${WRITER_NAMES[kind]}`,
      ({ base }) => hostileWriters(kind, base),
      ["--web.enable-remote-write-receiver"],
    );
  }
}

async function* againstServers(
  folder: string,
  shape: Shape,
  scene: string,
  attack: Attacking,
  flags: readonly string[] = [],
): AsyncGenerator<AttackFigures> {
  for (const contender of contenders(flags)) {
    const own = join(folder, contender.name);
    mkdirSync(own, { recursive: true });
    try {
      yield { scene, program: contender.name, ...(await against(contender, own, shape, attack)) };
    } catch (error) {
      process.stdout.write(`${scene}, ${contender.name}: ${String(error).slice(0, 300)}\n`);
    }
  }
}

async function against(
  contender: Contender,
  folder: string,
  shape: Shape,
  attack: Attacking,
): Promise<Omit<AttackFigures, "scene" | "program">> {
  await using targets = await LiveTargets.start(shape);
  const config = await targets.config();
  await using server = await contender.start(folder, config);
  await targets.scrapedTimes(WARM_SCRAPES, WARM_PATIENCE_MS);
  let [fromS, toS] = [now(), 0];
  const endured = await measureAttack(server.program, `${server.base}${contender.healthy}`, async () => {
    fromS = now();
    const { end } = await attack(server, config);
    return {
      end: () => {
        toS = now();
        return end();
      },
    };
  });
  const scrapes = server.program.ended ? undefined : await times(server, { fromS, toS, shape });
  return { ...endured, scrapes };
}

const times = (
  { base }: LiveServer,
  window: { readonly fromS: number; readonly toS: number; readonly shape: Shape },
): Promise<ScrapeTimes | undefined> =>
  scrapeTimes(base, { ...window, timeoutMs: ASK_TIMEOUT_MS }).catch(() => undefined);
