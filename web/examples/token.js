/** A JWT that your backend signs with the studio's JWT_SECRET, for the person who is signed in there. */
export const getToken = async () => {
  const answer = await fetch("/token")
  return answer.ok ? answer.text() : ""
}
