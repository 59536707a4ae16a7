import { useQuery } from "@tanstack/react-query";
import { frontendSettingsQuery } from "../../../api/frontend-settings.ts";
import { Fetched } from "../frame/Fetched.tsx";
import { NamesForm } from "../frame/NamesForm.tsx";
import { Section } from "../frame/Section.tsx";
import { profileKey, profileQuery, saveNames } from "./profile-api.ts";

/** The user's own names. */
export function NamesSection() {
  const result = useQuery(profileQuery);
  return (
    <Section title="Names">
      <Fetched result={result} label="Loading names">
        {(names) => <NamesForm saved={names} save={saveNames} keys={[profileKey, frontendSettingsQuery.queryKey]} />}
      </Fetched>
    </Section>
  );
}
