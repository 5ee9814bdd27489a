"""The page that shows a journal while a test runs."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Journal</title>
<style>
  body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5rem; color: #1d2433; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d9dee7; vertical-align: top; }
  pre { margin: 0; white-space: pre-wrap; font-size: 12px; }
  .failed { background: #fdecec; }
  .struck { background: #fff4d6; }
</style>
</head>
<body>
<h1>Journal</h1>
<p id="state">Waiting for the first request.</p>
<table><thead><tr><th>#</th><th>Time</th><th>Over</th><th>Request</th><th>Status</th><th>ms</th>
<th>Trace id</th><th>Bodies</th></tr></thead><tbody id="entries"></tbody></table>
<script src="/test/v1/journal.js"></script>
</body>
</html>
"""
SCRIPT = """"use strict";
let after = 0;
const rows = document.getElementById("entries");
const state = document.getElementById("state");
function cell(row, text) { row.insertCell().textContent = text === undefined ? "" : String(text); }
function show(entry) {
  const row = rows.insertRow(0);
  const fault = entry.faultId ? " (" + entry.note + ", " + entry.faultId + ")" : "";
  cell(row, entry.number);
  cell(row, entry.at.slice(11, 23));
  cell(row, entry.transport);
  cell(row, (entry.capability || entry.method) + " " + entry.path + fault);
  cell(row, entry.status === undefined ? "no answer" : entry.status);
  cell(row, entry.milliseconds);
  cell(row, entry.traceId);
  const bodies = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = (entry.answer && entry.answer.debugMessage) || "show";
  const text = document.createElement("pre");
  text.textContent = JSON.stringify(entry.body, null, 2) + "\\n\\n" + JSON.stringify(entry.answer, null, 2);
  bodies.append(summary, text);
  row.insertCell().append(bodies);
  if (entry.status === undefined || entry.status >= 400) row.className = "failed";
  if (entry.faultId) row.className = "struck";
}
async function follow() {
  try {
    const response = await fetch("../journal?after=" + after);
    const found = await response.json();
    if (!response.ok) throw new Error(found.debugMessage);
    for (const entry of found.entries) { show(entry); after = Math.max(after, entry.number); }
    state.textContent = after + " requests so far; the newest is on top.";
  } catch (error) {
    state.textContent = "The journal cannot be read: " + error.message;
  }
  setTimeout(follow, 500);
}
follow();
"""
