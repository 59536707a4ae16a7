import { defaultHttpClient } from "@narthex/config";
import { reachableHost } from "@narthex/runtime";
import type { DoctorContext } from "./check.ts";
import { ReachError } from "./network/network.ts";
import type { RoleSubject } from "./subject/subject.ts";

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Requests a page below a server's path prefix from the program at the server's configured address. Resolves with the
 * body if the status is 200. Resolves with undefined if no program responds, or if the page needs TLS or a password.
 * Callers must check the content, because any program may listen at the address.
 */
async function askPage(
  { network, timeoutMs }: DoctorContext,
  { listens, webConfig, pathPrefix }: RoleSubject,
  path: string,
): Promise<string | undefined> {
  const [first] = listens;
  if (first === undefined || webConfig !== "") return undefined;
  const { port } = first.address;
  const host = reachableHost(first.address.host);
  const name = host.includes(":") ? `[${host}]` : host;
  try {
    const answer = await network.get(`http://${name}:${port}${pathPrefix}${path}`, {
      client: defaultHttpClient,
      timeoutMs,
      maxBytes: MAX_BYTES,
    });
    return answer.status === 200 && !answer.isCut ? new TextDecoder().decode(answer.body) : undefined;
  } catch (error) {
    if (error instanceof ReachError) return undefined;
    throw error;
  }
}

/**
 * Sends a request to a Prometheus server's API below /api/v1. Resolves with the parsed JSON, or with undefined if there
 * is no valid response.
 */
export async function askServer(context: DoctorContext, role: RoleSubject, path: string): Promise<unknown> {
  const text = await askPage(context, role, `/api/v1/${path}`);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads a server's own metrics at the default path. Resolves with a function that returns the sum of all samples of a
 * metric, or undefined if the metric or the page does not exist.
 */
export async function askOwnMetrics(
  context: DoctorContext,
  role: RoleSubject,
): Promise<(family: string) => number | undefined> {
  const page = (await askPage(context, role, "/metrics")) ?? "";
  const sums = new Map<string, number>();
  for (const [, family, value] of page.matchAll(SAMPLE)) {
    sums.set(family!, (sums.get(family!) ?? 0) + Number(value));
  }
  return (family) => sums.get(family);
}

/** Matches the line of a sample on a metrics page. The groups are the name, and the value after the labels. */
const SAMPLE = /^(\w+)(?:\{.*\})? (\S+)/gm;
