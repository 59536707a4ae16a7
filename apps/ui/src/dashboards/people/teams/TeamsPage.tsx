import { Anchor, Badge, Group } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { Card } from "../../../shell/Card.tsx";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { CardTable } from "../frame/CardTable.tsx";
import { SearchInput } from "../../../shell/SearchInput.tsx";
import { EmptyMessage } from "../../../shell/StatusMessage.tsx";
import { useUrlText } from "../../../shell/url-state.ts";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { AddTeam } from "./AddTeam.tsx";
import { searchTeams, type Team, TEAM_ADMIN, teamsKey } from "./teams-api.ts";

/** Page that lists all teams for admins of the organization, and the user's own teams for other users. */
export default function TeamsPage() {
  return (
    <AdministrationPage
      title="Teams"
      isFor={({ isInTeam }) => isInTeam}
      reason="You are in no team. Admins of the organization add teams and their members."
      renderToolbar={({ isOrgAdmin }) => isOrgAdmin && <AddTeam />}
    >
      {({ isOrgAdmin }) => <TeamList isOrgAdmin={isOrgAdmin} />}
    </AdministrationPage>
  );
}

function TeamList({ isOrgAdmin }: { isOrgAdmin: boolean }) {
  const [query, setQuery] = useUrlText("query");
  const result = useQuery({
    queryKey: [...teamsKey, "list", query],
    queryFn: ({ signal }) => searchTeams(query, signal),
    placeholderData: keepPreviousData,
  });
  const columns = isOrgAdmin ? COLUMNS : OWN_COLUMNS;
  return (
    <>
      <SearchInput label="Search teams" value={query} onChange={setQuery} />
      <Fetched result={result} label="Loading teams">
        {({ teams }) =>
          teams.length === 0 ? (
            <EmptyMessage title={query === "" ? "No teams yet" : "No team matches the search"}>
              {query === "" && "The members of a team get the permissions of the team."}
            </EmptyMessage>
          ) : (
            <Card mt="sm">
              <CardTable
                aria-label="Teams"
                columns={columns}
                items={teams}
                keyOf={({ uid }) => uid}
                virtual
                estimatedHeight={() => 41}
              />
            </Card>
          )
        }
      </Fetched>
    </>
  );
}

const COLUMNS: readonly DataColumn<Team>[] = [
  {
    header: "Team",
    sortKey: ({ name }) => name.toLowerCase(),
    className: "wrap-anywhere",
    cell: ({ uid, name }) => (
      <Anchor component={Link} to={`/org/teams/edit/${encodeURIComponent(uid)}`} size="sm">
        {name}
      </Anchor>
    ),
  },
  { header: "Email", sortKey: ({ email }) => email, cell: ({ email }) => email, className: "wrap-anywhere" },
  { header: "Members", sortKey: ({ memberCount }) => memberCount, cell: ({ memberCount }) => memberCount },
];

/** Columns for users who see only their own teams. One column shows the teams that the user administers. */
const OWN_COLUMNS: readonly DataColumn<Team>[] = [
  ...COLUMNS,
  {
    header: "You are",
    cell: ({ permission }) => (
      <Group>
        <Badge variant="light" color={permission === TEAM_ADMIN ? "ember" : "gray"}>
          {permission === TEAM_ADMIN ? "Admin" : "Member"}
        </Badge>
      </Group>
    ),
  },
];
