import type { OrgRole } from "@narthex/http";
import type { Provider } from "../credentials/credential.ts";

/** The data of another system about an account that signs in. */
export interface ExternalAccount {
  readonly provider: Provider;
  /** The name of the account at the provider, which never changes there. */
  readonly subject: string;
  readonly login: string;
  readonly email: string;
  readonly name: string;
  /** The role that the provider gives; undefined if this program manages the role. */
  readonly role?: OrgRole;
  /** Whether the account is an admin of the server; undefined if this program manages that right. */
  readonly isServerAdmin?: boolean;
  /** The groups of the account at the provider; undefined if the provider does not name groups. */
  readonly groups?: readonly string[];
  /** True if the provider has left out groups, because there are too many, or refuses to list them. */
  readonly areGroupsOmitted?: boolean;
  /** The reason for which the omitted groups could not be requested. */
  readonly groupsError?: Error;
}

/** The reasons for which a sign-in with an account of another system is refused. */
export type SignInProblem =
  | "provider-unavailable"
  | "provider-refused"
  | "expired"
  | "not-allowed"
  | "no-role"
  | "email-unverified"
  | "sign-up-off"
  | "name-taken"
  | "groups-unknown"
  | "disabled"
  | "no-account";

/** A sentence for each reason. The login page has its own sentences, with the same keys. */
export const MESSAGES: Readonly<Record<SignInProblem, string>> = {
  "provider-unavailable": "The sign-in service cannot be reached. Try again later",
  "provider-refused": "The sign-in service refused the sign-in",
  expired: "The sign-in took too long, or began in another browser. Try again",
  "not-allowed": "This account may not sign in: it is not in an allowed domain, group or organization",
  "no-role": "This account may not sign in: the sign-in service gives it no role",
  "email-unverified":
    "The sign-in service has not verified the e-mail address of this account. Verify the address there",
  "sign-up-off": "This account is unknown here, and new users are not added. Ask an admin to add you",
  "name-taken": "Another user has this login or e-mail address. Ask an admin to change it",
  "groups-unknown":
    "The sign-in service does not list all groups of this account. Ask an admin to check the permissions of this application there",
  disabled: "This user is disabled",
  "no-account": "The sign-in service names no login for this account",
};

/** A refusal of a sign-in with an account of another system. The message is for the user. */
export class SignInError extends Error {
  override readonly name = "SignInError";
  readonly problem: SignInProblem;

  constructor(problem: SignInProblem, options: ErrorOptions = {}) {
    super(MESSAGES[problem], options);
    this.problem = problem;
  }
}

/** Returns the error for an account whose groups are not all known, with the reason if there is one. */
export const groupsUnknown = ({ groupsError: cause }: Pick<ExternalAccount, "groupsError">): SignInError =>
  new SignInError("groups-unknown", cause === undefined ? {} : { cause });
