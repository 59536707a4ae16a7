import { Anchor, List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { Fetched } from "../frame/Fetched.tsx";
import { Section } from "../frame/Section.tsx";
import { ownTeamsQuery } from "./profile-api.ts";

/** The teams of the user. */
export function TeamsSection() {
  const result = useQuery(ownTeamsQuery);
  return (
    <Section title="Teams">
      <Fetched result={result} label="Loading teams">
        {(teams) =>
          teams.length === 0 ? (
            <Text size="sm">You are in no team.</Text>
          ) : (
            <List listStyleType="none" spacing={4} size="sm" aria-label="Teams">
              {teams.map(({ id, uid, name, memberCount }) => (
                <List.Item key={id}>
                  <Anchor component={Link} to={`/org/teams/edit/${encodeURIComponent(uid)}`} size="sm">
                    {name}
                  </Anchor>
                  , {memberCount === 1 ? "1 member" : `${memberCount} members`}
                </List.Item>
              ))}
            </List>
          )
        }
      </Fetched>
    </Section>
  );
}
