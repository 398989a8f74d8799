// A second, certified provider of OpenID Connect for the journeys of tests/test_sign_in.py: it has
// PKCE, consent and a page to sign out. Any password is right. `make provider` runs it.
//
//     node provider.mjs PORT ADDRESS SECONDS '{"ana": ["Board"]}'
import { Provider } from 'oidc-provider';

const [port, address, seconds, people] = process.argv.slice(2);
const roles = JSON.parse(people);
const back = [`${address}/oauth2callback`];
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: 'iomdash',
    client_secret: 'client-secret',
    redirect_uris: back,
    post_logout_redirect_uris: back,
  }],
  claims: { openid: ['sub'], roles: ['roles'] },
  // As real providers can be set: what iomdash reads is in the ID token.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  ttl: { IdToken: Number(seconds), AccessToken: Number(seconds), Session: 3600, Grant: 3600, Interaction: 3600 },
  cookies: { keys: ['of-this-test-alone'] },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, roles: roles[sub] ?? [] }) }),
});
provider.listen(Number(port), 'localhost', () => console.log('listening'));
