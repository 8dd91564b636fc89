/** What the API says of a reseller's alerts: the words are those of alerts, the place is the reseller's. */
import { alertListQuery, alertSummaryView } from '../../shared/alerts/alerts.contract.ts';
import { idParams, listOf, route } from '../../shared/platform/route.ts';

export const resellerAlerts = route({
  key: 'GET /v1/resellers/{id}/alerts',
  summary: 'Its alerts: those that are open, then history newest first',
  needs: 'viewer',
  params: idParams,
  query: alertListQuery,
  response: listOf(alertSummaryView),
});

export const resellerAlertRoutes = [resellerAlerts];
