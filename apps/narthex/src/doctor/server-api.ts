import { defaultHttpClient } from "@narthex/config";
import type { DoctorContext } from "./check.ts";
import { ReachError } from "./network/network.ts";
import type { RoleSubject } from "./subject/subject.ts";

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * What somebody who runs where the role listens answers with status 200 below the role's prefix; undefined where nobody does,
 * or where it wants TLS or a password. Whether that is what is expected is for the caller to see: anybody may listen there.
 */
async function askPage(
  { network, timeoutMs }: DoctorContext,
  { listens, webConfig, pathPrefix }: RoleSubject,
  path: string,
): Promise<string | undefined> {
  const [first] = listens;
  if (first === undefined || webConfig !== "") return undefined;
  const { host = "127.0.0.1", port } = first.address;
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
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

/** What a server answers below /api/v1, decoded; undefined as with any page, and for what is no JSON. */
export async function askServer(context: DoctorContext, role: RoleSubject, path: string): Promise<unknown> {
  const text = await askPage(context, role, `/api/v1/${path}`);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The role's own metrics, where it serves them by its defaults: the sum of a family's samples; undefined for none. */
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

/** A line of a page of metrics: its name, and its value behind the labels. */
const SAMPLE = /^(\w+)(?:\{.*\})? (\S+)/gm;
