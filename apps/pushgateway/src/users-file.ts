import { type Codec, decodeYaml, formatProblem, INVALID, mapOf, optional, section, text } from "@narthex/config";
import type { BasicAuth } from "@narthex/http";
import { type Clock, FileBacked, type Logger, type ReadText } from "@narthex/runtime";

/** Password hashes (bcrypt) by user name. */
type Users = ReadonlyMap<string, string>;

/** Users by the prefix of the job names that they may change. */
type JobUsers = ReadonlyMap<string, Users>;

/** Thrown for an invalid file of --push.users-file. The message contains file, place and hint of every problem. */
class UsersFileError extends Error {
  override readonly name = "UsersFileError";
}

const BCRYPT = /^\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}$/;

const plainUsers = mapOf(text);

const users: Codec<Users> = {
  ...plainUsers,
  decode(node, context) {
    const found = plainUsers.decode(node, context);
    if (found === INVALID || node.kind !== "map") return found;
    const wrong = node.entries.filter(({ value }) => value.kind !== "scalar" || !BCRYPT.test(value.text));
    for (const { key, value } of wrong) {
      const hint = `make one with: htpasswd -nBC 10 "" | tr -d ':\\n'`;
      context.report(value, "no-bcrypt-hash", `password of user "${key.text}" is no bcrypt hash`, hint);
    }
    return wrong.length === 0 ? found : INVALID;
  },
};

interface RawUsersFile {
  readonly jobUsers: JobUsers | undefined;
}

/** Schema of the file. A file without users is an error, because it would protect nothing. */
const usersFile = section<RawUsersFile, JobUsers>(
  "pushgateway.Users",
  { jobUsers: optional("job_users", mapOf(users)) },
  ({ jobUsers = new Map() }, at, report) => {
    if (jobUsers.size > 0) return jobUsers;
    report(at.self, "no-job-users", "job_users is missing or empty", "name users for the beginning of a job's name");
    return INVALID;
  },
);

/** Reads the file. Throws UsersFileError, which stops the start: the gateway must not run without its protection. */
export function readUsersFile(path: string, read: ReadText): JobUsers {
  let source: string;
  try {
    source = read(path);
  } catch (error) {
    throw new UsersFileError(`open ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const loaded = decodeYaml(source, path, usersFile);
  if (!loaded.ok) throw new UsersFileError(loaded.problems.map(formatProblem).join("\n"));
  return loaded.value;
}

/**
 * Decides who may change the groups of a job. The users of the longest matching prefix of the job's name may change
 * them. If no prefix matches, everybody may.
 */
export class JobAccess {
  readonly #auth: BasicAuth;
  readonly #users: FileBacked<JobUsers>;

  /**
   * Reads the file of users. Throws UsersFileError. If the file changes, the next request uses the new users. If the
   * new file is invalid, the previous users remain.
   */
  constructor(path: string, { auth, clock, logger }: { auth: BasicAuth; clock: Clock; logger: Logger }) {
    this.#auth = auth;
    this.#users = new FileBacked({
      make: (read) => readUsersFile(path, read),
      isRefusal: (error) => error instanceof UsersFileError,
      clock,
      onChanged: () => logger.info("Users file read again", { file: path }),
      onRefused: (error) => logger.error("Users file cannot be used, the old users stay", { err: error }),
    });
  }

  async mayChange(job: string, authorization: string | undefined): Promise<boolean> {
    const users = this.#users.current();
    const prefix = [...users.keys()].filter((one) => job.startsWith(one)).sort((a, b) => b.length - a.length)[0];
    return prefix === undefined || this.#isUser(authorization, users.get(prefix)!);
  }

  /** Reports whether the sender may delete all groups. Only users of the empty prefix may do this. */
  async mayWipe(authorization: string | undefined): Promise<boolean> {
    return this.#isUser(authorization, this.#users.current().get("") ?? new Map());
  }

  async #isUser(authorization: string | undefined, users: Users): Promise<boolean> {
    return (await this.#auth.userOf(authorization, users)) !== undefined;
  }
}
