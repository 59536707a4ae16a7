import { Anchor, Box } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { rightsKey } from "../../data/rights.ts";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { DeleteButton } from "../frame/DeleteButton.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { SaveForm } from "../frame/SaveForm.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { TeamFields, trimmed } from "./TeamFields.tsx";
import { TeamLimit } from "./TeamLimit.tsx";
import { TeamMembers } from "./TeamMembers.tsx";
import { changeTeam, deleteTeam, fetchTeam, TEAM_ADMIN, type TeamDetails, teamsKey } from "./teams-api.ts";

/**
 * Page of a team with its members. Admins of the team or of the organization can change it; other members can only read
 * it.
 */
export default function TeamPage() {
  const { uid = "" } = useParams();
  const { data, error, refetch } = useQuery({
    queryKey: [...teamsKey, "one", uid],
    queryFn: ({ signal }) => fetchTeam(uid, signal),
  });
  return (
    <AdministrationPage
      title={data === undefined ? "Team" : `Team ${data.name}`}
      summary={
        <Anchor component={Link} to="/org/teams" size="sm">
          All teams
        </Anchor>
      }
    >
      {({ login, isOrgAdmin }) => (
        <Fetched result={{ data, error, refetch }} label="Loading the team">
          {(team) => (
            <Box maw={900} key={team.uid}>
              <TeamMembers team={team} own={login} />
              <TeamLimit team={team} isChangeable={isOrgAdmin} />
              {team.permission === TEAM_ADMIN && <TeamSettings team={team} />}
            </Box>
          )}
        </Fetched>
      )}
    </AdministrationPage>
  );
}

function TeamSettings({ team }: { team: TeamDetails }) {
  const { id, name, email } = team;
  const [draft, setDraft] = useState({ name, email });
  const navigate = useNavigate();
  const names = trimmed(draft);
  const save = useChange(() => changeTeam(id, names), [teamsKey], { done: "The team was saved" });
  const remove = useChange(() => deleteTeam(id), [[...teamsKey, "list"], rightsKey], {
    done: `The team ${name} was deleted`,
    after: () => void navigate("/org/teams"),
  });
  const isChanged = names.name !== name || names.email !== email;
  return (
    <>
      <Section title="Name">
        <SaveForm label="Name of the team" isReady={isChanged && names.name !== ""} change={save}>
          <TeamFields value={draft} onChange={setDraft} />
        </SaveForm>
      </Section>
      <Section title="Delete" about="The members lose the permissions of the team.">
        {remove.error !== null && <ErrorMessage error={remove.error} />}
        <DeleteButton kind="team" change={remove}>
          The members of “{name}” lose its permissions. The users stay.
        </DeleteButton>
      </Section>
    </>
  );
}
