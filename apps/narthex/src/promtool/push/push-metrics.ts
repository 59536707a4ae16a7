import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { formatGoDuration, parseGoDuration } from "@narthex/model";
import { flagKinds, type Host } from "@narthex/runtime";
import { promtoolCommand } from "../command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { type Pairs, pairsFlag } from "../pairs-flag.ts";
import { connectionOf, ServerError, USER_AGENT } from "../server-client.ts";

/** Flags of every `push` command. */
export const pushFlags = {
  "http.config.file": flagKinds.text("", "HTTP client configuration file for promtool to connect to Prometheus."),
};

export const pushMetrics = promtoolCommand({
  name: "metrics",
  help: "Push metrics to a prometheus remote write (for testing purpose only).",
  flags: {
    ...pushFlags,
    label: pairsFlag({ job: "promtool" }, "Label to attach to metrics. Can be specified multiple times."),
    timeout: flagKinds.parsed(30_000, parseGoDuration, formatGoDuration, "The time to wait for pushing metrics."),
    header: pairsFlag({}, "Prometheus remote write header."),
    protobuf_message: flagKinds.text(
      "prometheus.WriteRequest",
      "Protobuf message to use when writing (prometheus.WriteRequest or io.prometheus.write.v2.Request).",
    ),
    "remote-write.path": flagKinds.text("/api/v1/write", "Override the default remote write API path."),
  },
  operands: [
    { name: "remote-write-url", required: true },
    { name: "metric-files", required: false, many: true, file: true },
  ],
  async run({ host, flags, stdin, operands: [url, ...files] }) {
    try {
      await using pusher = await openPusher(host, {
        url: url!,
        path: flags["remote-write.path"],
        message: flags.protobuf_message,
        headers: flags.header,
        timeoutMs: flags.timeout,
        configFile: flags["http.config.file"],
        labels: flags.label,
      });
      if (files.length === 0) return await pushStdin(host, pusher, await stdin());
      let status = EXIT_OK;
      for (const file of files) if (!(await pushFile(host, pusher, file))) status = EXIT_FAILURE;
      return status;
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      return failed(host, error.message);
    }
  },
});

function failed(host: Host, problem: string): number {
  host.stderr(`  FAILED: ${problem}\n`);
  return EXIT_FAILURE;
}

interface Pusher extends AsyncDisposable {
  /** Sends the metrics of a page in the text format. Resolves with the problem, or undefined if they were accepted. */
  push(page: Uint8Array): Promise<string | undefined>;
}

interface PusherOptions {
  readonly url: string;
  readonly path: string;
  readonly message: string;
  readonly headers: Pairs;
  readonly timeoutMs: number;
  readonly configFile: string;
  /** Labels that each series gets unless it has its own. */
  readonly labels: Pairs;
}

async function openPusher(host: Host, options: PusherOptions): Promise<Pusher> {
  const { encodeFamilies, WRITE_MESSAGES, WriteClient } = await import("@narthex/remote");
  const { parseFamilies } = await import("@narthex/exposition");
  const { timeoutMs, configFile, labels } = options;
  const message = WRITE_MESSAGES.find((name) => name === options.message);
  if (message === undefined)
    throw new ServerError(
      `invalid protobuf message ${JSON.stringify(options.message)}, must be ${WRITE_MESSAGES.join(" or ")}`,
    );
  const { clock } = host;
  const { base, userInfo, config } = connectionOf(host, options.url, configFile);
  const client = await WriteClient.open(
    {
      url: writeUrl(base, options.path),
      remoteTimeoutMs: timeoutMs,
      headers: new Map(Object.entries({ ...userInfo, ...options.headers })),
      httpClient: config,
      protobufMessage: message,
      roundRobinDns: false,
      retryOnHttp429: false,
    },
    { clock, userAgent: USER_AGENT },
  );
  return {
    async push(page) {
      const parsed = parseFamilies(page);
      if (!parsed.ok) return parsed.message;
      const outcome = await client.send(
        encodeFamilies(parsed.families, { message, labels, now: clock.now() }),
        0,
        host.stopping,
      );
      return outcome.kind === "sent" ? undefined : outcome.problem.replace(/^failed to send request: /, "");
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Returns the URL of the write endpoint. The user may give the server's URL, or the URL of the endpoint itself. */
const writeUrl = (base: string, path: string): string => (base.endsWith(path) ? base : base + path);

async function pushStdin(host: Host, pusher: Pusher, page: Uint8Array): Promise<number> {
  host.stdout("Parsing standard input\n");
  const problem = await pusher.push(page);
  if (problem !== undefined) return failed(host, problem);
  host.stdout("  SUCCESS: metrics pushed to remote write.\n");
  return EXIT_OK;
}

async function pushFile(host: Host, pusher: Pusher, file: string): Promise<boolean> {
  let page: Uint8Array;
  try {
    page = await readFile(resolve(host.cwd, file));
  } catch (error) {
    failed(host, `open ${file}: ${(error as Error).message}`);
    return false;
  }
  host.stdout(`Parsing metrics file ${file}\n`);
  const problem = await pusher.push(page);
  if (problem !== undefined) failed(host, problem);
  else host.stdout(`  SUCCESS: metrics file ${file} pushed to remote write.\n`);
  return problem === undefined;
}
