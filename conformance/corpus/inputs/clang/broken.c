void misspelled(void) {
    retrun 1;
}
