import { flagKinds } from "@narthex/runtime";
import { type PromtoolCommand, promtoolCommand } from "./command.ts";
import { EXIT_FAILURE, EXIT_OK } from "./lint-settings.ts";
import { openServer, ServerError } from "./server-client.ts";

const TIMEOUT_MS = 10_000;

const checkEndpoint = (word: string, path: string): PromtoolCommand =>
  promtoolCommand({
    name: word,
    help: `Check if the Prometheus server is ${word}.`,
    flags: {
      url: flagKinds.text("http://localhost:9090", "The URL for the Prometheus server."),
      "http.config.file": flagKinds.text("", "HTTP client configuration file for promtool to connect to Prometheus."),
    },
    operands: [],
    async run({ host, flags }) {
      try {
        await using server = await openServer(host, flags.url, flags["http.config.file"], TIMEOUT_MS);
        const { status, body } = await server.get(path);
        if (status !== 200) throw new ServerError(`check failed: URL=${server.base}${path}, status=${status}`);
        host.stderr(`  SUCCESS:  ${body}\n`);
        return EXIT_OK;
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        host.stderr(`${error.message}\n`);
        return EXIT_FAILURE;
      }
    },
  });

export const checkHealthy = checkEndpoint("healthy", "/-/healthy");
export const checkReady = checkEndpoint("ready", "/-/ready");
