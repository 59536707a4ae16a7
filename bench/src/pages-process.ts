import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/**
 * This process serves the targets of bench/src/pages.ts. Arguments: the kind of pages, and files with pages of real
 * exporters. Answers each message with its port and the number of samples that it has served so far. Ends when its
 * parent process ends.
 */
const VARIANTS = 12;
const CHURN_MS = 10_000;
const CHURNED = 10;

/** Returns the text of a page for a round. The numbers in the text change from round to round. */
type Page = (round: number) => string;

interface Answer {
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly samples: number;
}

const [kind = "small", ...files] = process.argv.slice(2);
const begun = Date.now();

/**
 * Returns a page whose numbers change like those of an exporter. Every third number increases, every ninth number goes
 * up and down, and all other numbers stay constant.
 */
function moving(text: string): Page {
  const lines = text.split("\n");
  return (round) =>
    lines
      .map((line, i) => {
        const space = line.lastIndexOf(" ");
        const value = Number(line.slice(space + 1));
        if (line.startsWith("#") || space < 0 || i % 3 !== 0 || !Number.isFinite(value)) return line;
        const moved = i % 9 === 0 ? value * (1 + ((round * 7 + i) % 11) / 100) : value + round * (1 + (i % 13));
        return `${line.slice(0, space)} ${moved}`;
      })
      .join("\n");
}

/** Returns metric families of a page with about `lines` lines in total, from family number `first` on. */
function excerpt(text: string, first: number, lines: number): string {
  const families = text.split(/^(?=# HELP )/m);
  let out = "";
  for (let i = first; i < first + families.length && out.split("\n").length < lines; i++) {
    out += families[i % families.length];
  }
  return out;
}

/** Returns metrics about the containers of pods, like those that a kubelet exposes. */
function containers(pods: number): string {
  const names = [
    "cpu_usage_seconds_total",
    "memory_working_set_bytes",
    "network_receive_bytes_total",
    "fs_reads_total",
  ];
  return names
    .map((name, n) => {
      const lines = Array.from({ length: pods }, (_, pod) => {
        const id = (pod * 2654435761).toString(16).padStart(12, "0");
        return `container_${name}{container="app",id="/kubepods/burstable/pod${id}/${id}${id}",image="registry.example/app:${pod % 9}",name="k8s_app_${id}",namespace="team-${pod % 5}",pod="app-${pod}-${id}"} ${(pod + 1) * (n + 1) * 1000.25}`;
      });
      return `# HELP container_${name} Of a container.\n# TYPE container_${name} ${n === 1 ? "gauge" : "counter"}\n${lines.join("\n")}\n`;
    })
    .join("");
}

/** Returns 50 small pages: the page of a host, and excerpts of the pages of applications and of a kubelet. */
function smallPages(): Page[] {
  const [host, app] = files.map((file) => readFileSync(file, "utf8"));
  return Array.from({ length: 50 }, (_, job) => {
    if (job % 5 === 0) return moving(host!);
    if (job % 5 === 1) return moving(containers(20 + job * 3));
    return moving(excerpt(app!, job * 17, 50 + ((job * 97) % 750)));
  });
}

/** Returns a page with 1,000 series in ten groups. Every ten seconds one group is replaced by new series. */
const churning: Page = (round) => {
  const epoch = Math.floor((Date.now() - begun) / CHURN_MS);
  let text = "# TYPE jobs_handled_total counter\n";
  for (let i = 0; i < 1000; i++) {
    const group = i % CHURNED;
    const generation = Math.floor((epoch + group) / CHURNED);
    text += `jobs_handled_total{handler="/api/v1/things/${i % 100}",pod="web-${generation}-${group}-${(generation * 7919 + i) % 65521}",zone="eu-west-1"} ${round * (i % 7)}\n`;
  }
  return text;
};

const pages: readonly Page[] = kind === "small" ? smallPages() : [churning];
/**
 * Cached page bodies. Small pages have few variants, created in advance; a churning page is created once per round for
 * all targets.
 */
const answers = new Map<string, Answer>();
const rounds = new Map<string, number>();
let samples = 0;

function answerOf(page: number, round: number): Answer {
  const key = `${page}/${round}`;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const plain = Buffer.from(pages[page]!(round));
  const count = plain
    .toString()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#")).length;
  const answer = { plain, gzip: kind === "small" ? gzipSync(plain, { level: 1 }) : plain, samples: count };
  answers.set(key, answer);
  if (kind !== "small" && answers.size > 8) answers.delete(answers.keys().next().value!);
  return answer;
}

if (kind === "small") {
  for (let page = 0; page < pages.length; page++) for (let round = 0; round < VARIANTS; round++) answerOf(page, round);
}

const server = createServer((request, response) => {
  const target = request.url!;
  const number = Number(target.split("/")[1]);
  const round = (rounds.get(target) ?? 0) + 1;
  rounds.set(target, round);
  const answer = answerOf(number % pages.length, kind === "small" ? round % VARIANTS : round);
  samples += answer.samples;
  // Compresses the response of every second target of the kind "small".
  const compressed = kind === "small" && number % 2 === 0 && request.headers["accept-encoding"]?.includes("gzip");
  const body = compressed ? answer.gzip : answer.plain;
  response.writeHead(200, {
    "content-type": "text/plain; version=0.0.4; charset=utf-8",
    "content-length": body.length,
    ...(compressed ? { "content-encoding": "gzip" } : {}),
  });
  response.end(body);
});
server.listen(0, "127.0.0.1");
const listening = once(server, "listening");

process.on("message", () => {
  void listening.then(() => process.send!({ port: (server.address() as AddressInfo).port, samples }));
});
process.on("disconnect", () => {
  server.closeAllConnections();
  server.close();
});
