import type { ComponentType } from "react";
import { NamesSection } from "./NamesSection.tsx";
import { PasskeysSection } from "./passkeys/PasskeysSection.tsx";
import { PasswordSection } from "./PasswordSection.tsx";
import { PreferencesSection } from "./PreferencesSection.tsx";
import { SessionsSection } from "./SessionsSection.tsx";
import { TeamsSection } from "./TeamsSection.tsx";
import { TwoStepSection } from "./two-step/TwoStepSection.tsx";

/** The sections of the profile page, in their order. To add a section, add a file and a line here. */
export const profileSections: readonly { readonly name: string; readonly Section: ComponentType }[] = [
  { name: "names", Section: NamesSection },
  { name: "password", Section: PasswordSection },
  { name: "two-step codes", Section: TwoStepSection },
  { name: "passkeys", Section: PasskeysSection },
  { name: "preferences", Section: PreferencesSection },
  { name: "teams", Section: TeamsSection },
  { name: "sessions", Section: SessionsSection },
];
