// Sorts the lines of a file into another: its headers make the compiler open some hundred files.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

int main() {
    std::ifstream input("/lines.txt");
    std::vector<std::string> lines;
    for (std::string line; std::getline(input, line);) lines.push_back(line);
    std::map<char, int> starts;
    for (const auto &line : lines) ++starts[line.empty() ? ' ' : line[0]];
    std::sort(lines.begin(), lines.end());
    std::ofstream output("/sorted.txt");
    for (const auto &line : lines) output << line << '\n';
    for (const auto &[letter, count] : starts) std::cout << letter << ' ' << count << '\n';
    return 0;
}
