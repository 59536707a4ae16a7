import type { Clock } from "@narthex/runtime";
import type { Settings } from "../../settings/setting-table.ts";
import type { Organization } from "../organization/organization.ts";
import { OAUTH_KINDS } from "./kinds/kinds.ts";
import { OAuthProvider } from "./oauth-provider.ts";

/** Opens the providers that the settings enable. Throws SettingsError. */
export const openProviders = (settings: Settings, clock: Clock, organization: Organization): readonly OAuthProvider[] =>
  OAUTH_KINDS.filter(({ section }) => settings[`${section}.enabled`]).map(
    (kind) => new OAuthProvider(kind, settings, clock, organization),
  );
