export async function coldStart(){return []}
