import { readdir, readFile } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { access, parseFields, plainError } from "@narthex/http";
import { Labels } from "@narthex/model";
import { forEachSample, QueryError } from "@narthex/promql";
import type { QueryLane } from "@narthex/querying";
import { TimeSlice } from "@narthex/runtime";
import { type NamedText, type QuerySample, renderConsole, stringMap, TemplateError } from "@narthex/template";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../context.ts";
import { clientGone } from "../querying/answer-streams.ts";
import { requesterOf } from "../querying/request-origin.ts";
import { consoleData } from "./console-data.ts";
import { sniffedType } from "./sniffed-type.ts";

interface Options {
  readonly context: Pick<Context, "clock" | "configuration" | "flags" | "host" | "web">;
  readonly lane: ConsoleLane;
}

export type ConsoleLane = Pick<QueryLane, "evaluate">;

/** Definitions at the start of each console template, such as `$params`, as in Prometheus. */
const PRELUDE =
  "{{$rawParams := .RawParams }}{{$params := .Params}}{{$path := .Path}}{{$externalLabels := .ExternalLabels}}";

/**
 * Serves `/consoles/*`: renders the templates in the console folder. Templates can use the definitions in the library
 * folder.
 */
export function consoleRoute(app: FastifyInstance, options: Options): void {
  app.get<{ Params: { "*": string } }>("/consoles/*", access("read", { scope: "query" }), async (request, reply) => {
    const { host, flags } = options.context;
    const name = `/${request.params["*"]}`;
    // Normalises the name of the console, so that `..` cannot lead out of the template folder.
    const path = join(flags["web.console.templates"], posix.normalize(name)).replace(/\/$/, "");
    let text: string;
    try {
      text = await readFile(resolve(host.cwd, path), "utf8");
    } catch (error) {
      return unreadable(reply, path, error);
    }
    const url = request.raw.url ?? "";
    const fields = parseFields(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "");
    if (fields.problem !== undefined) return plainError(reply, 400, fields.problem);
    try {
      const page = await rendered({ name, text, fields }, options, request, reply);
      // Sets no Content-Type for an empty page.
      return await (page === "" ? reply.send() : reply.header("content-type", sniffedType(page)).send(page));
    } catch (error) {
      if (error instanceof TemplateError || isSystemError(error)) return plainError(reply, 500, error.message);
      throw error;
    }
  });
}

interface Page extends NamedText {
  readonly fields: URLSearchParams;
}

async function rendered(
  { name, text, fields }: Page,
  { context, lane }: Options,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string> {
  const { clock, configuration, flags, host, web } = context;
  const time = clock.now();
  const signal = clientGone(reply);
  const requester = requesterOf(request);
  const query = async (expression: string): Promise<readonly QuerySample[]> => {
    const { type, series } = await lane
      .evaluate({ text: expression, time, ...requester, signal })
      .catch((error: unknown) => {
        throw error instanceof QueryError ? new Error(error.message, { cause: error }) : error;
      });
    if (type !== "vector" && type !== "scalar") throw new Error("rule result is not a vector or scalar");
    const samples: QuerySample[] = [];
    for (const one of series) {
      const labels = stringMap(type === "scalar" ? Labels.EMPTY : one.labels);
      forEachSample(one, (_time, value, histogram) => samples.push({ Labels: labels, Value: histogram ?? value }));
    }
    return samples;
  };
  const slice = new TimeSlice(clock);
  return renderConsole(
    { name: `__console_${name}`, text: PRELUDE + text },
    consoleData(name, fields, configuration.current.global.externalLabels),
    {
      context: { time, externalUrl: web.externalUrl, query },
      libraries: await librariesIn(resolve(host.cwd, flags["web.console.libraries"])),
      pause: () => slice.yieldToEventLoop(),
    },
  );
}

/** Returns the names and texts of the `*.lib` template files in a folder. Empty if the folder does not exist. */
async function librariesIn(folder: string): Promise<readonly NamedText[]> {
  const names = await readdir(folder).catch(() => []);
  const libraries = names.filter((name) => name.endsWith(".lib")).sort();
  return Promise.all(libraries.map(async (name) => ({ name, text: await readFile(join(folder, name), "utf8") })));
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error && "code" in error;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
};

/** Answers with the error that Go's server sends if a file cannot be opened or read. */
function unreadable(reply: FastifyReply, path: string, error: unknown): FastifyReply {
  // An error without a system error code means that the requested path is not a valid file name.
  if (!isSystemError(error)) return plainError(reply, 404, "http: invalid character in file path");
  if (error.code === "ENOTDIR") return plainError(reply, 404, "file does not exist");
  const reason = REASONS[error.code ?? ""] ?? error.message;
  if (error.code === "EISDIR") return plainError(reply, 500, `read ${path}: ${reason}`);
  return plainError(reply, 404, `open ${path}: ${reason}`);
}
