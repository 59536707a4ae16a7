import type { OrgRole } from "@narthex/http";
import type { Provider } from "../credentials/credential.ts";

/** Data of an account of another system that signs in. */
export interface ExternalAccount {
  readonly provider: Provider;
  /** Identifier of the account at the provider, which never changes. */
  readonly subject: string;
  readonly login: string;
  readonly email: string;
  readonly name: string;
  /** The role that the provider assigns; undefined if the role is managed in this program. */
  readonly role?: OrgRole;
  /** Whether the account is an admin of the server; undefined if this right is managed in this program. */
  readonly isServerAdmin?: boolean;
  /** The groups of the account at the provider; undefined if the provider does not name groups. */
  readonly groups?: readonly string[];
  /**
   * True if the list of groups is incomplete, because there are too many groups or the provider refuses to list them.
   */
  readonly areGroupsOmitted?: boolean;
  /** The error with which the request for the missing groups failed. */
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

/**
 * Messages for the user, by the reason of a refused sign-in. The sign-in page has its own messages with the same keys.
 */
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

/** Error that refuses a sign-in with an account of another system. The message is shown to the user. */
export class SignInError extends Error {
  override readonly name = "SignInError";
  readonly problem: SignInProblem;

  constructor(problem: SignInProblem, options: ErrorOptions = {}) {
    super(MESSAGES[problem], options);
    this.problem = problem;
  }
}

/** Returns the error for an account whose list of groups is incomplete, with the cause if it is known. */
export const groupsUnknown = ({ groupsError: cause }: Pick<ExternalAccount, "groupsError">): SignInError =>
  new SignInError("groups-unknown", cause === undefined ? {} : { cause });
