import { dirname } from "node:path";
import type { Check, DoctorContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import type { Machine, PathFacts } from "../machine/machine.ts";
import { type NamedFile, secretPlaces } from "../named-files.ts";
import type { DataPath } from "../subject/subject.ts";
import { unreadFindings } from "../unread.ts";

/** Any user may read it. */
const OTHERS_READ = 0o004;

/** Can data be written, and files be read, by the user that asks; and are secrets kept from others? */
export const permissions: Check = {
  name: "permissions",
  about: "whether data folders can be written and secrets be read by the user who asks, and by nobody else",
  async run(context) {
    const { machine, subject } = context;
    const data = subject.roles.flatMap((role) => role.data);
    const written = await Promise.all(data.map((path) => dataFinding(machine, path)));
    const { prometheus, alertmanager } = await context.configurations();
    const secrets: Finding[] = [];
    for (const { file, verdict } of [...prometheus, ...alertmanager]) {
      if (verdict.config === undefined) continue;
      const { files, hasInline } = secretPlaces(verdict.config);
      secrets.push(...(await Promise.all(files.map((named) => fileFinding(context, file, named)))));
      const facts = hasInline ? await machine.pathFacts(file) : undefined;
      if (facts !== undefined && isReadByAll(facts)) {
        secrets.push(
          warning(
            `${file} holds a secret, and every user may read it`,
            `chmod o-r ${file}, or move the secret into a file of its own that a key ending in _file names`,
          ),
        );
      }
    }
    return [...written, ...unreadFindings([...prometheus, ...alertmanager]), ...secrets];
  },
};

const userWords = ({ uid }: Machine): string => (uid === undefined ? "this user" : `user ${uid}`);

async function dataFinding(machine: Machine, { path, isFile, flag }: DataPath): Promise<Finding> {
  const facts = await machine.pathFacts(path);
  if (facts?.isFolder === isFile) {
    const what = isFile ? "a folder where a file is to be" : "a file where a folder is to be";
    return error(`${path} is ${what}`, `move it away, or name another place with ${flag}`);
  }
  if (facts !== undefined) {
    if (await machine.mayWrite(path)) return ok(`${path} can be written`);
    return error(
      `${path} cannot be written by ${userWords(machine)}; it belongs to user ${facts.uid}`,
      `chown -R ${machine.uid ?? "USER"} ${path}, or run as user ${facts.uid}, or name another place with ${flag}`,
    );
  }
  const parent = await nearestFolder(machine, path);
  if (await machine.mayWrite(parent)) return ok(`${path} is not there yet, and can be made`);
  return error(
    `${path} is not there, and ${userWords(machine)} may not make it in ${parent}`,
    `mkdir -p ${path} && chown ${machine.uid ?? "USER"} ${path}, as a user who may; or name another place with ${flag}`,
  );
}

/** The nearest folder above a path that is there. */
export async function nearestFolder(machine: Pick<Machine, "pathFacts">, path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path || (await machine.pathFacts(parent)) !== undefined) return parent;
  return nearestFolder(machine, parent);
}

const isReadByAll = ({ mode }: PathFacts): boolean => (mode & OTHERS_READ) !== 0;

async function fileFinding({ machine }: DoctorContext, owner: string, { path, isSecret }: NamedFile): Promise<Finding> {
  const facts = await machine.pathFacts(path);
  if (facts === undefined) {
    return error(`${path}, which ${owner} names, is not there`, `write it, or name another file in ${owner}`);
  }
  if (!(await machine.mayRead(path))) {
    return error(
      `${path}, which ${owner} names, cannot be read by ${userWords(machine)}; it belongs to user ${facts.uid}`,
      `chown ${machine.uid ?? "USER"} ${path}, or run as user ${facts.uid}`,
    );
  }
  if (isSecret && isReadByAll(facts)) {
    return warning(`${path} holds a secret, and every user may read it`, `chmod 600 ${path}`);
  }
  return ok(`${path} can be read${isSecret ? ", and not by everybody" : ""}`);
}
