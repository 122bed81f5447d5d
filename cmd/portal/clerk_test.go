package main

const clerkEnv = "MOTCUA_CLERK"

func clerkMain(string) {}
