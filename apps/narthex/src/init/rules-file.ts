/**
 * Text of a file with alerting rules for every kind of target. `init` writes this file if the host is not monitored. If
 * the host is monitored, `init` copies the rules of the starter configuration.
 */
export const TARGET_RULES = `# Alerts about targets of every kind.
#
#   check it:  narthex promtool check rules rules/targets.yml
groups:
  - name: targets
    rules:
      # The name of the alert. It fires for each series that the expression yields, once it has for as long as "for" says.
      - alert: TargetDown
        expr: up == 0
        for: 1m
        # Labels decide who is told, in the routes of alertmanager.yml; annotations are what is told.
        labels:
          severity: critical
        annotations:
          summary: '{{ $labels.job }} on {{ $labels.instance }} does not answer'
          description: 'The last scrapes failed. Is the process running, and the port reachable?'
`;
