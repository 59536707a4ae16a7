import { Text } from "@mantine/core";
import { useState } from "react";
import { MatchersInput } from "../frame/MatchersInput.tsx";
import { SaveForm } from "../frame/SaveForm.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { changeTeam, type TeamDetails, teamsKey } from "./teams-api.ts";

/** Section with the series that the members of a team may read. Only admins of the organization change it. */
export function TeamLimit({ team, isChangeable }: { team: TeamDetails; isChangeable: boolean }) {
  const { id, name, email, narthexMatchers: saved = "" } = team;
  const [matchers, setMatchers] = useState(saved);
  const change = useChange(() => changeTeam(id, { name, email, narthexMatchers: matchers.trim() }), [teamsKey], {
    done: "The limit was saved",
  });
  if (!isChangeable && saved === "") return null;
  return (
    <Section title="Series" about="Members of a team with a selector read only the series that match it.">
      {isChangeable ? (
        <SaveForm label="Series of the team" isReady={matchers.trim() !== saved} change={change}>
          <MatchersInput value={matchers} onChange={setMatchers} />
        </SaveForm>
      ) : (
        <Text size="sm">
          Only series <code>{saved}</code>
        </Text>
      )}
    </Section>
  );
}
