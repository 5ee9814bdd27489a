// Node's own fetch. Arguments: URL, credential, order.
const [base, credential, order] = process.argv.slice(2);

async function send(method, path, body) {
  const headers = { Authorization: credential, "Content-Type": "application/json" };
  const answer = await fetch(base + path, { method, headers, body, duplex: "half" });
  console.log(`${answer.status} ${await answer.text()}`);
}

for (let i = 0; i < 2; i++) {
  await send("POST", "/v1/orders", order);
  await send("POST", "/v1/orders", new Blob([order]).stream());
  await send("GET", "/v1/areas");
}
