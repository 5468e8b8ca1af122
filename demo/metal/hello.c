/* hello [NAME...]: greets whoever is named, or the world. */

#include "agave.h"

int main(int argc, char **argv) {
    print("hello");
    for (int i = 1; i < argc; i++) {
        print(i == 1 ? ", " : " and ");
        print(argv[i]);
    }
    print(argc > 1 ? "\n" : ", world\n");
    return 0;
}
